import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { runCli } from "../../src/cli/cli.ts";
import { AppError } from "../../src/errors.ts";
import { tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

/** The real HTTP server before a whole core, spoken to by programs and by the command line. */
let board: Switchboard;
let muster: TestMuster;
let door: Door;

const steps = [
  makeStep("dial", { uses: "test.dial", with: { name: "dial", value: 70 } }),
  makeStep("fence", { uses: "test.fence", needs: ["dial"] }),
  makeStep("after", { needs: ["fence"], retries: 3, retryAfterMs: 60_000 }),
];

beforeEach(async () => {
  board = createSwitchboard();
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  muster = startMuster(plan, board);
  muster.start("executor");
  door = await openDoor(muster.core);
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});

afterEach(async () => {
  await door.close();
  await muster.stop();
});

async function dr(who: string, ...argv: string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const env = { MUSTER_TOKEN: tokenOf(who), MUSTER_URL: door.url };
  const code = await runCli(argv, { commands, env, stdout: { write }, stderr: { write }, fetch, pollMs: 5 });
  return { code, out };
}

const begin = async () => {
  expect((await dr("operator", "failover", "west")).code).toBe(0);
  await muster.until(({ runs }) => runs["run-1"]?.steps[0]?.intended !== undefined);
};
const phase = async () => (await muster.core.state()).runs["run-1"]?.phase;
const over = (runId: string, how: string) => muster.until(({ runs }) => runs[runId]?.phase === how);

describe("control of a run, by HTTP and command line", () => {
  it("pauses it, says so everywhere, and lets it go on", async () => {
    board.delays.set("dial", 200);
    await begin();
    const paused = await dr("operator", "pause", "run-1", "--reason", "let me look");
    expect(paused).toMatchObject({ code: 0 });
    expect(paused.out).toMatch(/is PAUSED[\s\S]*let me look/);
    await muster.until(({ runs }) => runs["run-1"]?.steps[0]?.phase === "verified");
    expect((await dr("operator", "why", "run-1")).out).toContain("paused by operator");
    expect((await dr("operator", "status")).out).toContain("running, paused");
    const [card] = [
      (await door.call("run", { run: "run-1" }, "operator")).body.card as { buttons: { command: string }[] },
    ];
    expect(card.buttons.map(({ command }) => command)).toEqual(["resume", "abort"]);
    expect(board.on.size).toBe(0);
    expect((await door.call("resume", { run: "run-1" }, "operator")).status).toBe(200);
    await over("run-1", "completed");
    const kinds = (await muster.core.journal.query({ run: "run-1", kind: "run" })).map(({ kind }) => kind);
    expect(kinds).toEqual(["run.proposed", "run.started", "run.paused", "run.resumed", "run.completed"]);
  });

  it("aborts it, says what became of what was in flight, and undoes it", async () => {
    board.delays.set("dial", 1_500);
    await begin();
    const aborting = await door.call("abort", { run: "run-1", reason: "false alarm" }, "operator");
    expect(aborting.body.data).toMatchObject({ run: { phase: "aborting" } });
    await over("run-1", "aborted");
    const { out } = await dr("operator", "run", "run-1");
    expect(out).toMatch(/In flight at the abort: dial ✓ done/);
    expect(out).toMatch(/rollback run-1 --dry-run/);
    expect(board.on.size).toBe(0);
    const dry = await dr("operator", "rollback", "run-1", "--dry-run");
    expect(dry.out).toMatch(/Dry run: rollback of run-1/);
    expect(dry.out).toContain("back to:");
    const rolled = await dr("operator", "rollback", "run-1", "--reason", "false alarm", "--watch");
    expect(rolled).toMatchObject({ code: 0 });
    expect(rolled.out).toContain("Rollback of run-1, west → east completed");
    expect(board.dials.get("dial")?.value).toBe(0);
  });

  it("retries and skips also a step that waits for its automatic retry, and its dependants go on", async () => {
    board.hidden.add("fence");
    const away = new AppError({ code: "vendor-unavailable", summary: "The vendor is away.", retryable: true });
    board.failures.set("after", { times: 1, error: away });
    const run = await door.call("failover", { region: "west" }, "operator");
    expect(run.status).toBe(200);
    await over("run-1", "halted");
    const refused = await dr("operator", "skip", "run-1", "fence", "--reason", "trust me");
    expect(refused.code).toBe(4);
    expect(refused.out).toContain("only a commander may skip it");
    expect((await dr("operator", "retry", "run-1", "fence")).code).toBe(0);
    await over("run-1", "halted");
    expect((await dr("commander", "skip", "run-1", "fence", "--reason", "fenced at the firewall")).code).toBe(0);
    await muster.until(({ runs }) => runs["run-1"]?.steps[2]?.phase === "retrying");
    expect((await dr("operator", "retry", "run-1", "after")).code).toBe(0);
    await over("run-1", "completed");
    expect(board.on.has("after")).toBe(true);
  });

  it("refuses what makes no sense, with what to do instead", async () => {
    const unknown = await door.call("pause", { run: "run-9", reason: "x" }, "operator");
    expect(unknown).toMatchObject({ status: 404, body: { code: "unknown-run" } });
    await begin();
    await over("run-1", "completed");
    for (const [name, input, code, status] of [
      ["pause", { run: "run-1", reason: "x" }, "wrong-state", 409],
      ["resume", { run: "run-1" }, "wrong-state", 409],
      ["abort", { run: "run-1", reason: "x" }, "wrong-state", 409],
      ["pause", { run: "run-1" }, "bad-input", 400],
      ["rollback", { run: "run-1" }, "bad-input", 400],
      ["rollback", { run: "run-9", reason: "x" }, "unknown-run", 404],
    ] as const) {
      const answer = await door.call(name, input, "operator");
      expect([name, answer.status, answer.body.code]).toEqual([name, status, code]);
    }
    const observer = await door.call("pause", { run: "run-1", reason: "x" }, "observer");
    expect(observer).toMatchObject({ status: 403, body: { code: "not-allowed" } });
    expect(await phase()).toBe("completed");
  });
});
