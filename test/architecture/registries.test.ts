import { describe, expect, it, onTestFinished } from "vitest";
import { createAdapters } from "../../adapters/index.ts";
import { commands } from "../../commands/index.ts";
import { eventSchemas } from "../../src/events.ts";
import { loadPlan } from "../../src/plans/load.ts";
import { filesOf, readSources, root } from "./sources.ts";

const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
await close();

/** What plans can name, with the sign in the text of the file that it is made in. */
const offered = [
  ...[...registry.actions.keys(), ...registry.probes.keys(), ...registry.traffic.keys()].map((id) => ({
    id,
    vendor: id.split(".")[0] ?? "",
    sign: `id: "${id}"`,
  })),
  ...[...registry.replication.keys()].map((kind) => ({ id: kind, vendor: kind, sign: `kind: "${kind}"` })),
];
/** Chats, status pages and pagers are connected, not named in plans. */
const adapters = readSources("adapters").filter(({ file }) => !/^adapters\/(chat|status-page|pager)\//.test(file));
const MAKER =
  /export function (create\w+)\([^)]*\): (?:RecoveryAction|Probe|ReplicationSource|TrafficSource)(?:<[^>]*>)? \{/g;

describe("adapters/index.ts and its folders", () => {
  it.each(offered)("lead from $id to one file of its vendor", ({ sign, vendor }) => {
    const [file, ...others] = adapters.filter(({ text }) => text.includes(sign)).map((source) => source.file);
    expect(others).toEqual([]);
    expect(file).toMatch(new RegExp(`^adapters/${vendor}/`));
  });

  it("have every action, probe and source of the folders in the registry", () => {
    const index = adapters.find(({ file }) => file === "adapters/index.ts");
    const made = adapters.flatMap(({ file, text }) =>
      [...text.matchAll(MAKER)].map(([, name = ""]) => ({ file, name })),
    );
    // An action that is built from parts which it shares with others is made by the others.
    const forgotten = made.filter(({ name }) => !index?.code.includes(`${name}(`) && name !== "createRecordsAction");
    expect(made.length).toBeGreaterThan(10);
    expect(forgotten).toEqual([]);
    const ids = adapters.flatMap(({ text }) =>
      [...text.matchAll(/^ {4}(?:id|kind): "([a-z0-9.-]+)",$/gm)].map(([, id]) => id),
    );
    expect(ids.toSorted()).toEqual(offered.map(({ id }) => id).toSorted());
  });
});

describe("commands/index.ts and its folder", () => {
  it("have the same commands, each in the file of its name", () => {
    const files = filesOf("commands", ".ts").filter((file) => file !== "commands/index.ts");
    const named = commands.map(({ name }) => `commands/${name.replaceAll(" ", "-")}.ts`);
    expect(named.toSorted()).toEqual(files);
  });
});

describe("src/events.ts and the domains", () => {
  const domains = readSources("src").filter(({ file }) => /^src\/[\w-]+\/events\.ts$/.test(file));

  it("have the same events", () => {
    const gathered = readSources("src").find(({ file }) => file === "src/events.ts");
    const taken = gathered?.imports.map(({ to }) => to) ?? [];
    expect(taken.filter((to) => to.endsWith("/events.ts")).toSorted()).toEqual(
      domains.map(({ file }) => file).toSorted(),
    );
    const kinds = domains.flatMap(({ text }) =>
      [...text.matchAll(/^ {2}"([a-z]+\.[a-z-]+)":/gm)].map(([, kind]) => kind),
    );
    expect(kinds.toSorted()).toEqual(Object.keys(eventSchemas).toSorted());
  });

  it("need nothing but schemas for them", () => {
    const others = domains.flatMap(({ file, imports }) =>
      imports
        .filter(({ to, typeOnly }) => !typeOnly && to !== "zod" && !/\/(events|plan|card)\.ts$/.test(to))
        .map(({ to }) => `${file} → ${to}`),
    );
    expect(others).toEqual([]);
  });
});

describe("the plans", () => {
  it.each(filesOf("plans", ".yaml"))("load as the server loads them: %s", async (file) => {
    const adapters = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
    onTestFinished(() => adapters.close());
    const plan = await loadPlan({ path: `${root}/${file}`, registry: adapters.registry });
    expect(file).toBe(`plans/${plan.application}.yaml`);
  });
});
