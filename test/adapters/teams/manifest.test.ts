import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { PIN, UNPIN } from "../../../adapters/chat/teams/pinning.ts";
import { commands } from "../../../commands/index.ts";
import { appPackage } from "../../../manifest/teams/app-package.ts";
import { readSources, root } from "../../architecture/sources.ts";

const APP_ID = "44444444-4444-4444-8444-444444444444";
const template = readFileSync(`${root}/manifest/teams/manifest.json`, "utf8");
const manifest = JSON.parse(template) as {
  manifestVersion: string;
  version: string;
  bots: {
    scopes: string[];
    supportsFiles: boolean;
    commandLists: { scopes: string[]; commands: { title: string; description: string }[] }[];
  }[];
  composeExtensions: { commands: { id: string; context: string[]; title: string }[] }[];
  authorization: { permissions: { resourceSpecific: { name: string; type: string }[] } };
  name: { short: string };
  description: { short: string; full: string };
};
const code = readSources("adapters")
  .filter(({ file }) => file.startsWith("adapters/chat/teams/"))
  .map(({ text }) => text)
  .join("\n");
const [bot] = manifest.bots;
const lists = bot?.commandLists ?? [];

/** What each part of Graph that the code asks for needs. */
const PERMISSIONS: Record<string, string> = { "/channels/": "ChannelMessage.Read.Group" };

describe("manifest/teams/manifest.json", () => {
  it("offers commands that there are, at most ten, with what Teams has room for", () => {
    const known = commands.map(({ name }) => name);
    for (const { commands: offered } of lists) {
      expect(offered.map(({ title }) => title).filter((title) => !known.includes(title))).toEqual([]);
      expect(offered.length).toBeLessThanOrEqual(10);
      for (const { title, description } of offered) {
        expect(title.length).toBeLessThanOrEqual(32);
        expect(description.length).toBeLessThanOrEqual(128);
      }
    }
    // Whoever comes first must find these two.
    expect(lists[0]?.commands.map(({ title }) => title)).toEqual(expect.arrayContaining(["link", "help"]));
  });

  it("is offered where the code answers: in a channel and alone", () => {
    expect(bot?.scopes).toEqual(["personal", "team"]);
    expect(lists.flatMap(({ scopes }) => scopes).toSorted()).toEqual(["personal", "team"]);
  });

  it("has the message's actions by the names that the code knows, and no others", () => {
    const actions = manifest.composeExtensions.flatMap(({ commands: offered }) => offered);
    expect(actions.map(({ id }) => id).toSorted()).toEqual([PIN, UNPIN].toSorted());
    for (const { context, title } of actions) {
      expect(context).toEqual(["message"]);
      expect(title.length).toBeLessThanOrEqual(32);
    }
  });

  it("asks for the permissions that the code needs, and for no others", () => {
    const needed = Object.entries(PERMISSIONS).flatMap(([part, name]) => (code.includes(part) ? [name] : []));
    const asked = manifest.authorization.permissions.resourceSpecific;
    expect(asked).toEqual(needed.map((name) => ({ name, type: "Application" })));
    expect(bot?.supportsFiles).toBe(false);
  });

  it("keeps to the lengths of its schema, and has the version of the product", () => {
    expect(manifest.manifestVersion).toBe("1.22");
    expect(manifest.version).toBe(
      (JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as typeof manifest).version,
    );
    expect(manifest.name.short.length).toBeLessThanOrEqual(30);
    expect(manifest.description.short.length).toBeLessThanOrEqual(80);
    expect(manifest.description.full.length).toBeLessThanOrEqual(4_000);
  });
});

describe("the package for Teams", () => {
  const made = appPackage({ appId: APP_ID, site: "https://muster.example.org" });
  const files = unzipSync(made);

  it("holds the manifest with everything filled in, and both icons", () => {
    expect(Object.keys(files)).toEqual(["manifest.json", "color.png", "outline.png"]);
    const filled = Buffer.from(files["manifest.json"] ?? []).toString();
    expect(filled).not.toContain("{{");
    expect(JSON.parse(filled)).toMatchObject({ id: APP_ID, bots: [{ botId: APP_ID }] });
  });

  it.each([
    ["color.png", 192],
    ["outline.png", 32],
  ])("has %s of %i pixels a side", (name, side) => {
    const png = Buffer.from(files[name] ?? []);
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([side, side]);
  });

  it("is the same bytes each time", () => {
    const again = appPackage({ appId: APP_ID, site: "https://muster.example.org" });
    expect(Buffer.compare(Buffer.from(again), Buffer.from(made))).toBe(0);
  });
});
