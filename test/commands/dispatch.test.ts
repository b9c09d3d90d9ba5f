import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { AppError } from "../../src/errors.ts";
import { createFakeCore, type FakeCore, fakeDirectory, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

function dispatcherOf(core: FakeCore) {
  const logged: object[] = [];
  const outcomes: string[] = [];
  const dispatcher = createDispatcher({
    core,
    commands,
    directory: fakeDirectory,
    logger: { error: (fields) => logged.push(fields) },
    observe: (command, outcome) => outcomes.push(`${command}: ${outcome}`),
  });
  return { dispatcher, logged, outcomes };
}

const failure = async (work: Promise<unknown>): Promise<AppError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`not refused: ${String(error)}`);
};

describe("the dispatcher", () => {
  it("answers with data and a card, by name or by line", async () => {
    const { dispatcher, outcomes } = dispatcherOf(await scenes.calm());
    const called = await dispatcher.call("status", {}, person("observer"));
    expect(called.data).toMatchObject({ active: "us-east-1" });
    expect(called.card.title).toContain("all well");
    const typed = await dispatcher.text("/dr audit verify", person("observer"));
    expect(typed.command.name).toBe("audit verify");
    expect(outcomes).toEqual(["status: done", "audit verify: done"]);
  });

  it("says which role is missing and who has it, changes nothing and keeps the attempt", async () => {
    const core = await scenes.calm();
    const { dispatcher } = dispatcherOf(core);
    const error = await failure(dispatcher.text("failover eu-central", person("observer")));
    expect(error.code).toBe("not-allowed");
    expect(error.summary).toContain("operator");
    expect(error.hint).toBe("These may: operator, commander.");
    expect(core.current().runs).toEqual({});
    expect(core.events.at(-1)).toMatchObject({
      kind: "command.refused",
      actor: "observer",
      data: { command: "failover", code: "not-allowed" },
    });
  });

  it("checks the role before it reads the input", async () => {
    const { dispatcher } = dispatcherOf(createFakeCore());
    expect((await failure(dispatcher.text("skip", person("observer")))).code).toBe("not-allowed");
  });

  it("keeps what was refused to a command that writes, and not a typo in a question", async () => {
    const core = await scenes.calm();
    const { dispatcher } = dispatcherOf(core);
    await failure(dispatcher.text("failover mars", person("operator")));
    expect(core.events.at(-1)).toMatchObject({ kind: "command.refused", data: { code: "unknown-region" } });
    const { length } = core.events;
    await failure(dispatcher.text("why run-9", person("operator")));
    await failure(
      dispatcher.text("stats", person("operator")).then(() => dispatcher.text("statsu", person("operator"))),
    );
    expect(core.events).toHaveLength(length);
  });

  it("gives an unexpected error an id that is also logged, and none of its words", async () => {
    const core = createFakeCore();
    core.failNext = new Error("secret connection string");
    const { dispatcher, logged, outcomes } = dispatcherOf(core);
    const error = await failure(dispatcher.call("status", {}, person("observer")));
    expect(error.code).toBe("internal");
    expect(error.summary + error.hint).not.toContain("secret");
    const { errorId } = logged[0] as { errorId: string };
    expect(error.summary).toContain(errorId);
    expect(outcomes).toEqual(["status: internal"]);
  });

  it("refuses a line that is too long before it looks at it", async () => {
    const { dispatcher } = dispatcherOf(createFakeCore());
    const error = await failure(dispatcher.text(`note ${"x".repeat(5_000)}`, person("operator")));
    expect(error).toMatchObject({ code: "bad-input" });
    expect(error.summary).toContain("5005");
  });

  it.each([[null], [[]], ["text"], [{ region: 7 }], [{ region: "eu-central", extra: 1 }], [{}]])(
    "refuses %j as the input of failover",
    async (input) => {
      const core = await scenes.calm();
      const { dispatcher } = dispatcherOf(core);
      expect((await failure(dispatcher.call("failover", input, person("operator")))).code).toBe("bad-input");
      expect(core.current().runs).toEqual({});
    },
  );
});

describe("commands that belong together", () => {
  it("accept everything that a card names with --accept-all, and only then approve", async () => {
    const core = await scenes.pending();
    const { dispatcher } = dispatcherOf(core);
    const error = await failure(dispatcher.text("approve approval-1", person("approver-2")));
    expect(error.code).toBe("acceptance-missing");
    await dispatcher.text("approve approval-1 --accept-all", person("approver-2"));
    expect(core.current().approvals["approval-1"]?.decisions.at(-1)?.accepted).toEqual(["fence:fence-source"]);
    expect(core.current().runs["run-1"]?.phase).toBe("running");
  });

  it("show nothing to be written in a dry run, and write nothing", async () => {
    const core = await scenes.calm();
    const { dispatcher } = dispatcherOf(core);
    const { length } = core.events;
    const { data } = await dispatcher.text("failover eu-central --dry-run", person("operator"));
    expect(data).toMatchObject({ dryRun: true, target: "eu-central" });
    expect(core.events).toHaveLength(length);
  });

  it("tell the story of the incident that is open, of the latest, of one by id, or that there is none", async () => {
    const core = await scenes.completed();
    const { dispatcher } = dispatcherOf(core);
    const open = await dispatcher.text("timeline", person("observer"));
    expect((open.data as { entries: { kind: string }[] }).entries.map(({ kind }) => kind)).toContain("run.completed");
    await dispatcher.text('resolve --reason "served from eu-central"', person("operator"));
    const byId = await dispatcher.text("timeline incident-1", person("observer"));
    expect(byId.card.title).toContain("resolved");
    expect((await failure(dispatcher.text("timeline incident-7", person("observer")))).hint).toContain("incident-1");
    const none = await dispatcherOf(createFakeCore()).dispatcher.text("timeline", person("observer"));
    expect(none.card.title).toBe("No incident so far");
  });

  it("read a journal longer than a page whole", async () => {
    const core = await scenes.detected();
    for (let count = 0; count < 2_100; count += 1) core.emit("traffic.changed", { shares: { "us-east-1": 1 } });
    await core.incidents.note("after all that", person("operator"));
    const { data } = await dispatcherOf(core).dispatcher.text("timeline", person("observer"));
    const { entries, truncated } = data as { entries: { text: string }[]; truncated: boolean };
    expect(entries.at(-1)?.text).toContain("after all that");
    expect(entries).toHaveLength(1_000);
    expect(truncated).toBe(true);
  });
});
