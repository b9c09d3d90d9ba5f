import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ModelEmulator, startModelEmulator } from "../../lab/model/emulator.ts";
import type { AppState, RunState } from "../../src/state.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";

const DEADLINE_SECONDS = 12;

let place: Place;
let model: ModelEmulator;
let server: Instance;

beforeEach(async () => {
  place = await openPlace();
  // Slow enough that it is surely struck while somebody waits for it.
  model = await startModelEmulator(place.data, { thinkMs: 2_000, deadlineSeconds: DEADLINE_SECONDS });
  server = await place.start("one", {});
});
afterEach(() => place.end(model));

const runOf = ({ runs }: AppState, runbook: string): RunState | undefined =>
  Object.values(runs).findLast((run) => run.runbook === runbook);

/** Proposed, approved by two with what must be accepted, and carried out. */
async function failOver(): Promise<void> {
  const { muster } = server;
  await muster.command("operator", "failover", { region: "eu-central", reason: "a test" });
  for (const who of ["approver-1", "approver-2"]) {
    const { approvals } = await muster.state();
    const approval = Object.values(approvals).findLast(({ phase }) => phase === "pending");
    const accept = approval?.mustAccept.map(({ id }) => id) ?? [];
    await muster.command(who, "approve", { id: approval?.approvalId ?? "", accept });
  }
  await muster.until("the failover to complete", (state) => runOf(state, "failover")?.phase === "completed", 60_000);
}

const milliseconds = (from: string | undefined, to: string | undefined) =>
  Date.parse(to ?? "") - Date.parse(from ?? "");

describe("a language model that is struck while it is asked for a draft", () => {
  it.each(["SIGKILL", "SIGSTOP"] as const)("delays no run, and the documents come by template: %s", async (signal) => {
    const { muster } = server;
    const struck = new Promise<void>((resolve) => {
      model.onAsked(() => {
        model.signal(signal);
        resolve();
      });
    });
    const isReady = ({ readiness }: AppState) => Object.values(readiness).some(({ status }) => status === "ready");
    await muster.until("a ready failover", isReady, 30_000);
    await failOver();
    await struck;
    // The next run begins by itself and is carried out meanwhile: the region that was left is made to follow.
    await muster.until("the rejoin to complete", (state) => runOf(state, "rejoin")?.phase === "completed", 60_000);
    const completed = await muster.events("run.completed");
    const written = await muster.until(
      "documents about both",
      ({ incidents }) => {
        const reports = Object.values(incidents).flatMap((one) => one.reports);
        return completed.every(({ seq }) => reports.some(({ asOfSeq }) => asOfSeq >= seq));
      },
      60_000,
    );
    const rejected = await muster.events("report.rejected");
    expect(rejected.length).toBeGreaterThan(0);
    // Who is frozen says nothing: the run was through long before Muster had waited for it long enough.
    const through = completed.find(({ data }) => written.runs[(data as { runId: string }).runId]?.runbook === "rejoin");
    if (signal === "SIGSTOP") expect(through?.seq).toBeLessThan(rejected[0]?.seq ?? 0);
    const reports = await muster.events("report.written");
    for (const end of completed) {
      const about = reports.find(({ data }) => (data as { asOf: { seq: number } }).asOf.seq >= end.seq);
      expect(milliseconds(end.at, about?.at)).toBeLessThan((DEADLINE_SECONDS + 5) * 1_000);
    }
    const [incidentId = ""] = Object.keys(written.incidents);
    const text = readFileSync(join(place.data, "reports", incidentId, "postmortem.md"), "utf8");
    expect(text).not.toContain("As a model tells it");
    // What was written again right after its death found that it had just failed.
    expect(text).toMatch(
      /A model was asked for a draft, and nothing of it stands here: (The model at lab |No endpoint .* each has failed)/,
    );
  });
});
