import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createAdapters } from "../../adapters/index.ts";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { systemClock } from "../../src/clock.ts";
import { describeEvent } from "../../src/events/describe.ts";
import { type DomainEvent, eventSchemas, isKnownKind } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { createJournal, type JournalOptions } from "../../src/journal/journal.ts";
import type { JournalStore, StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { Plan } from "../../src/plans/plan.ts";
import type { RecoveryAction, Registry, ReplicaPosition, ReplicationSource } from "../../src/ports.ts";
import type { AppState } from "../../src/state.ts";
import { journalFixture, restoreFixture } from "../helpers/journals.ts";
import { startMuster } from "../helpers/muster.ts";
import type { Switchboard } from "../helpers/switchboard.ts";

/** Where the primary was when it was last seen in the fixtures of 0.1.0. */
const HEAD = { position: 505, history: "648086d548f04a0cdbb16bc01a5ab4e3f21086a7" };
const FIXTURES = ["0.1.0-complete", "0.1.0-in-the-middle"];

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function openFixture(name: string): Promise<{ store: JournalStore; directory: string; plan: Plan }> {
  const { directory, remove } = await restoreFixture(name);
  ends.push(remove);
  const store = openSqliteStore({ directory });
  ends.push(() => store.close());
  const [adopted] = await store.read({ after: 0, limit: 1 });
  const { plan } = (adopted as StoredEvent).data as { plan: unknown };
  return { store, directory, plan: Plan.parse(plan) };
}

function journalOf(store: JournalStore, plan: Plan, more: Partial<JournalOptions> = {}) {
  const { application } = plan;
  return createJournal({
    store,
    application,
    instance: "new",
    clock: systemClock,
    initial: initialState(plan),
    fold,
    ...more,
  });
}

/** What must stay the same for ever; what later versions add to the state does not matter here. */
function summary({ seq, active, openIncidentId, runs, approvals, incidents, regions, counts }: AppState): unknown {
  return {
    seq,
    active,
    openIncidentId: openIncidentId ?? null,
    regions: Object.values(regions).map(
      ({ code, verdict, quarantine }) => `${code} ${verdict}${quarantine ? ", quarantined" : ""}`,
    ),
    incidents: Object.values(incidents).map(({ incidentId, startedAt, resolvedAt, runIds }) =>
      [incidentId, startedAt, resolvedAt ?? "open", ...runIds].join(" "),
    ),
    approvals: Object.values(approvals).map(({ approvalId, phase, decisions }) =>
      [approvalId, phase, ...decisions.map(({ principal, decision }) => `${principal}=${decision}`)].join(" "),
    ),
    runs: Object.values(runs).map(({ runId, runbook, phase, source, target, startedAt, endedAt, steps }) => ({
      run: [runId, runbook, phase, source, target, startedAt ?? "", endedAt ?? ""].join(" "),
      steps: steps.map(({ stepId, phase: at, attempt, intents, alreadySo }) =>
        [stepId, at, attempt, intents, alreadySo ?? ""].join(" ").trim(),
      ),
    })),
    counts: { incidents: counts.incidents, runs: counts.runs, approvals: counts.approvals, notes: counts.notes },
  };
}

describe.each(FIXTURES)("the journal %s", (name) => {
  it("is whole: every hash, link and number holds", async () => {
    const { store } = await openFixture(name);
    const lines = readFileSync(journalFixture(name), "utf8").trimEnd().split("\n");
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: lines.length - 2 });
  });

  it("is in the form that this version knows, and can be told in words", async () => {
    const { store } = await openFixture(name);
    for (const event of await store.read({ after: 0, limit: 1_000 })) {
      if (!isKnownKind(event.kind)) throw new Error(`${event.kind} is not known any more: kinds are never removed`);
      expect(eventSchemas[event.kind].safeParse(event.data).error, event.key).toBeUndefined();
      expect(describeEvent(event as unknown as DomainEvent)).not.toBe("");
    }
  });

  it("folds to the state that it had then", async () => {
    const { store, plan } = await openFixture(name);
    const state = await journalOf(store, plan).load();
    const then: unknown = JSON.parse(readFileSync(journalFixture(name).replace(/jsonl$/, "summary.json"), "utf8"));
    expect(summary(state)).toEqual(then);
  });
});

describe("a run that an older version left in the middle", () => {
  it.each([
    ["goes on to its end where the promotion had arrived, and sends it no second time", true, 0],
    ["goes on to its end where the promotion had not arrived, and sends it once", false, 1],
  ])("%s", async (_, arrived, sent) => {
    const { store, directory, plan } = await openFixture("0.1.0-in-the-middle");
    await store.close();
    const { registry, requests } = switches(arrived ? ["promote"] : [], plan);
    const muster = startMuster(plan, { registry } as Switchboard, directory);
    ends.push(() => muster.stop({ keep: true }));
    expect((await muster.journal.load()).runs["run-1"]?.phase).toBe("running");
    muster.start("executor");
    const done = await muster.until(({ runs }) => runs["run-1"]?.phase === "completed", 8_000);
    expect(done.active).toBe("eu-central");
    expect(requests.filter((uses) => uses === "redis.promote-replica")).toHaveLength(sent);
    expect(requests).toContain("aws.route53-shift-weights");
    expect(requests).not.toContain("kubernetes.scale-deployment");
    expect(await verifyChain(muster.store)).toMatchObject({ ok: true });
  });
});

describe("an event of an older form", () => {
  it("is read in its present form, and its text and hash stay what they were", async () => {
    const { store, plan } = await openFixture("0.1.0-complete");
    const before = await journalOf(store, plan).load();
    const stream = `app/${plan.application}`;
    const at = "2030-01-01T00:00:00.000Z";
    // As a version may have written it before a region's state was called a verdict.
    const old = { key: "region/1", kind: "region.failed", actor: "system:detector", data: { name: "eu-central" } };
    await store.append({ stream, expectedVersion: before.version, events: [old], at, instance: "old" });
    const upcasters = new Map([
      [
        "region.failed",
        (data: unknown) => ({
          kind: "verdict.changed",
          data: { region: (data as { name: string }).name, from: "healthy", to: "down", since: at, evidence: [] },
        }),
      ],
    ]);
    const journal = journalOf(store, plan, { upcasters });
    expect((await journal.load()).regions["eu-central"]?.verdict).toBe("down");
    const [read] = await journal.read({ after: before.seq, limit: 1 });
    expect(read).toMatchObject({ kind: "verdict.changed", data: { to: "down" } });
    expect(read?.text).toContain('"region.failed"');
    expect(await verifyChain(store)).toMatchObject({ ok: true });
  });

  it("of a kind that this version does not know is passed over, and kept", async () => {
    const { store, plan } = await openFixture("0.1.0-complete");
    const before = await journalOf(store, plan).load();
    const stream = `app/${plan.application}`;
    const at = "2030-01-01T00:00:00.000Z";
    const unknown = { key: "moon/1", kind: "moon.rose", actor: "system:sky", data: { phase: "full" } };
    await store.append({ stream, expectedVersion: before.version, events: [unknown], at, instance: "newer" });
    const journal = journalOf(store, plan);
    const after = await journal.load();
    expect({ ...after, seq: before.seq, version: before.version }).toEqual(before);
    const [read] = await journal.read({ after: before.seq, limit: 1 });
    expect(read).toMatchObject({ seq: before.seq + 1, kind: "moon.rose", data: { phase: "full" } });
    // And what is written next stands after it.
    const note = { noteId: "note-1", text: "a note" };
    const { state } = await journal.commit(() => [
      { key: "note/1", kind: "note.added", actor: "operator", data: note },
    ]);
    expect(state.seq).toBe(before.seq + 2);
    expect(await verifyChain(store)).toMatchObject({ ok: true });
  });
});

/** The real actions, each over a switch of its own instead of the world: nothing listens where the plan points. */
function switches(on: string[], plan: Plan): { registry: Registry; requests: string[] } {
  const { registry } = createAdapters({ requestTimeoutMs: 100, secret: () => undefined });
  const requests: string[] = [];
  const state = new Set(on);
  const actions = [...registry.actions.values()].map((real): RecoveryAction => {
    const { apply, undo: _, blockers: __, capacity: ___, ...rest } = real;
    const nameOf = (input: unknown) => (rest.effect === "promotion" ? "promote" : JSON.stringify(input));
    return {
      ...rest,
      assess: async (input) =>
        apply === undefined || state.has(nameOf(input)) ? { state: "reached", seen: {} } : { state: "away", seen: {} },
      ...(apply && {
        apply: async (input: unknown) => {
          requests.push(rest.id);
          state.add(nameOf(input));
          return {};
        },
      }),
    };
  });
  const replication = new Map([["redis", { ...(registry.replication.get("redis") as ReplicationSource), position }]]);
  return { registry: { ...registry, actions: new Map(actions.map((one) => [one.id, one])), replication }, requests };

  /** The replica holds all that its primary was seen to have; the primary is still away. */
  async function position(input: unknown): Promise<ReplicaPosition | undefined> {
    if ((input as { url: string }).url !== plan.regions["eu-central"]?.settings.redis) return undefined;
    return { role: "replica", ...HEAD, linkUp: false, writable: false };
  }
}
