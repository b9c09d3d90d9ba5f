import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSelfHostedPage } from "../../../adapters/status-page/self-hosted.ts";
import type { PublicPage } from "../../../src/status-page/views.ts";
import { pageWith, statusPageContract } from "../../contracts/status-page.ts";

statusPageContract("Muster's own, as files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-page-"));
  const directory = join(folder, "page");
  const file = (name: string) => readFileSync(join(directory, name), "utf8");
  return {
    page: createSelfHostedPage({ directory }),
    async read() {
      const { incidents, components } = JSON.parse(file("status.json")) as PublicPage;
      // What is in the data is on the page and in the feed, with nothing of it taken for markup.
      for (const text of [file("index.html"), file("atom.xml")]) {
        expect(text).not.toContain("<script>");
        for (const { updates } of incidents) for (const { at } of updates) expect(text).toContain(at);
      }
      return {
        incidents: incidents.map(({ title, updates }) => ({
          title,
          texts: updates.map(({ text }) => text).toReversed(),
        })),
        components: Object.fromEntries(components.map(({ name, state }) => [name, state])),
      };
    },
    // A file stands where the directory should be.
    async fail() {
      try {
        renameSync(directory, `${directory}.away`);
      } catch {}
      writeFileSync(directory, "");
    },
    async mend() {
      rmSync(directory);
      try {
        renameSync(`${directory}.away`, directory);
      } catch {}
    },
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

it("writes files that need nothing beside them, and leaves no half of one behind", async () => {
  const directory = mkdtempSync(join(tmpdir(), "muster-page-"));
  try {
    const page = createSelfHostedPage({ directory });
    await page.show(pageWith([]), new AbortController().signal);
    expect(readdirSync(directory).toSorted()).toEqual([
      ".markers.json",
      "atom.xml",
      "index.html",
      "status.css",
      "status.json",
    ]);
    const html = readFileSync(join(directory, "index.html"), "utf8");
    const leads = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to]) => to ?? "");
    expect(leads.filter((to) => !to.startsWith("data:")).toSorted()).toEqual([
      "atom.xml",
      "atom.xml",
      "status.css",
      "status.json",
    ]);
    expect(html).not.toContain("<script");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
