import { afterEach, expect, it } from "vitest";
import { chatMessages } from "../../src/chat/messages.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

/** No version of Muster has the action of its step, so that the step is blocked on every target. */
const plan = makePlan({
  failover: { trigger: "region-down", steps: [makeStep("gone", { uses: "test.gone" })] },
});
let muster: TestMuster;
afterEach(() => muster.stop());

it("a run that detection asks for and that is refused is said to people, once for each reason, and nothing else is written", async () => {
  muster = startMuster(plan, createSwitchboard());
  const { core, journal } = muster;
  await muster.verdict("west", "healthy");
  await muster.verdict("east", "down");
  muster.start("executor");
  const { version } = await muster.until((state) => Object.keys(state.refusedProposals).length > 0);
  const [refused, ...more] = await core.journal.query({ kind: "proposal.refused" });
  expect(refused?.data).toMatchObject({
    runbook: "failover",
    source: "east",
    target: "west",
    incidentId: "inc-1",
    code: "readiness-blocked",
    hint: expect.stringContaining("--break-glass"),
  });
  expect(more).toEqual([]);
  // It is tried again every second; what stands in the way is the same.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const state = await journal.load();
  expect(state.version).toBe(version);
  const events = await core.journal.query({});
  const said = chatMessages(events, { state, waiting: [], at: new Date().toISOString() });
  expect(said.find(({ id }) => id === `e${refused?.seq}`)).toMatchObject({
    form: "line",
    card: { title: expect.stringContaining("was refused (readiness-blocked)") },
  });
  expect(said.find(({ id }) => id === `e${refused?.seq}`)?.thread).toBeUndefined();
});

it("what a person asks for and is refused writes no sample of the stores", async () => {
  muster = startMuster(plan, createSwitchboard());
  for (const region of ["east", "west"]) await muster.verdict(region, "healthy");
  const before = (await muster.journal.load()).version;
  await expect(muster.core.runs.propose("failover", { target: "west" }, operator)).rejects.toMatchObject({
    code: "readiness-blocked",
  });
  expect((await muster.journal.load()).version).toBe(before);
});
