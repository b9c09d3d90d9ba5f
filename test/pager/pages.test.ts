import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/detection/events.ts";
import { pagesOf, type Told } from "../../src/pager/decide-pages.ts";
import { wholeNight } from "../helpers/incident.ts";
import { scenes } from "../helpers/incident-scenes.ts";
import { createStory, EAST, type Story, WEST } from "../helpers/story.ts";
import { approve, calm, propose, regionDies } from "../helpers/story-moves.ts";

const URL = "https://muster.example/";
const INCIDENT = "muster/shop/inc-1";

/** Everything that a story's events have to tell, each as of its moment or, with `late`, as of the end. */
function told(story: Story, late = false): Told[] {
  const again = createStory(story.plan);
  return story.events().flatMap((event) => {
    again.emit(event.kind, event.data as never, event.actor);
    return pagesOf(event, late ? story.state() : again.state(), URL);
  });
}

const inShort = (pages: Told[]) => pages.map((one) => `${one.do} ${one.key.split("/").slice(2).join("/")}`);

describe("pages", () => {
  it("wake people for an incident, let it be when somebody decides, and end with it", () => {
    const pages = told(wholeNight());
    const ofIncident = pages.filter(({ key }) => key.endsWith("/inc-1"));
    expect(inShort(ofIncident).filter((one, index, all) => one !== all[index - 1])).toEqual([
      "page inc-1",
      "acknowledge inc-1",
      "resolve inc-1",
    ]);
    expect(ofIncident[0]?.page).toMatchObject({ severity: "critical", component: EAST });
    expect(ofIncident[0]?.page.links).toEqual([{ href: URL, text: "Control room" }]);
  });

  it("are the same when they are told later, with what is known by then", () => {
    const calls = (pages: Told[]) => pages.map(({ page: _, ...rest }) => rest);
    for (const scene of [wholeNight(), scenes.halted(), scenes.brokenGlass(), scenes.askedAgain()]) {
      expect(calls(told(scene, true))).toEqual(calls(told(scene)));
    }
  });

  it("wake people for a run that halted, until it goes on", () => {
    const story = scenes.halted();
    const halts = () => inShort(told(story)).filter((one) => one.endsWith("/halt"));
    expect(halts()).toEqual(["page run-1/halt"]);
    const failed = story.events().findLast(({ kind }) => kind === "step.failed")!;
    const { stepId } = failed.data as { stepId: string };
    story.emit("step.retried", { runId: "run-1", stepId }, "operator");
    expect(halts()).toEqual(["page run-1/halt", "resolve run-1/halt"]);
  });

  it("wake people for a run that a guard holds, though its incident was taken in hand, until nothing holds it", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
    const guards = [{ guard: "target-unhealthy", summary: "eu-central is down", until: "eu-central is seen healthy" }];
    const hold = (stepId: string) => story.emit("guard.held", { runId: "run-1", stepId, guards });
    const release = (stepId: string) =>
      story.emit("guard.released", { runId: "run-1", stepId, guards: ["target-unhealthy"] });
    const ofHolds = () => inShort(told(story)).filter((one) => one.endsWith("/held"));
    // While people are asked, the page of the incident stands.
    hold("scale-target");
    release("scale-target");
    for (const who of ["approver-1", "approver-2"]) approve(story, "ap-1", "run-1", who);
    story.emit("run.started", { runId: "run-1" });
    expect(inShort(told(story))).toContain("acknowledge inc-1");
    story.advance(3 * 3_600_000);
    hold("fence-source");
    hold("promote-target");
    release("fence-source");
    expect(ofHolds()).toEqual(["page run-1/held"]);
    const page = told(story).find(({ key }) => key.endsWith("/held"))?.page;
    expect(page?.summary).toContain("run-1 is held at fence-source: eu-central is down; it goes on when");
    release("promote-target");
    expect(ofHolds()).toEqual(["page run-1/held", "resolve run-1/held"]);
    // A verdict that goes to and fro wakes them once more, and leaves that page to whoever has it.
    for (let minute = 0; minute < 50; minute++) {
      story.advance(60_000);
      hold("promote-target");
      release("promote-target");
    }
    expect(ofHolds().slice(2)).toEqual(["page run-1/held"]);
    story.emit("run.aborting", { runId: "run-1", reason: "enough", inFlight: [] }, "operator");
    expect(ofHolds().slice(2)).toEqual(["page run-1/held", "resolve run-1/held"]);
    expect(inShort(told(story, true)).filter((one) => one.endsWith("/held"))).toEqual(ofHolds());
  });

  it("wake nobody for what is tried again by itself", () => {
    expect(inShort(told(scenes.retrying())).filter((one) => one.endsWith("/halt"))).toEqual([]);
  });

  it("wake people again when the region that took over fails too, until it answers", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
    for (const who of ["approver-1", "approver-2"]) approve(story, "ap-1", "run-1", who);
    story.advance(1_000);
    story.emit("run.started", { runId: "run-1" });
    const goes = (region: string, from: Verdict, to: Verdict) => {
      story.advance(60_000);
      story.emit("verdict.changed", { region, from, to, since: story.now(), evidence: [] }, "system:detector");
    };
    // Before it serves it is a standby that fails.
    goes(WEST, "healthy", "down");
    goes(WEST, "down", "healthy");
    story.emit("run.completed", { runId: "run-1" });
    goes(EAST, "down", "healthy");
    goes(WEST, "healthy", "down");
    const ofWest = () => told(story).filter(({ key }) => key.endsWith(`/inc-1/${WEST}`));
    expect(ofWest().map((one) => one.do)).toEqual(["page"]);
    expect(ofWest()[0]?.page.summary).toContain("eu-central, which took over in inc-1, is down too");
    goes(WEST, "down", "healthy");
    expect(ofWest().map((one) => one.do)).toEqual(["page", "resolve"]);
    expect(inShort(told(story, true))).toEqual(inShort(told(story)));
  });

  it("are let be when somebody takes the incident", () => {
    const story = scenes.openedOnly();
    const role = { incidentId: "inc-1", principal: "operator" };
    story.emit("role.taken", { ...role, role: "scribe" }, "operator");
    expect(inShort(told(story))).toEqual(["page inc-1"]);
    story.emit("role.taken", { ...role, role: "incident-commander" }, "operator");
    expect(inShort(told(story))).toEqual(["page inc-1", "acknowledge inc-1"]);
  });

  it("wake people when a guard is broken", () => {
    const broken = told(scenes.brokenGlass()).filter(({ key }) => key.endsWith("/override"));
    expect(inShort(broken)).toEqual(["page run-1/override"]);
    expect(broken[0]?.page.summary).toContain("target-quarantined");
  });

  it("wake the next level when three quarters of a question's time are over, and a level more for the next one", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    const escalated = (approvalId: string, runId: string) => {
      story.emit("approval.escalated", { approvalId, runId, expiresAt: story.now() });
      return told(story).filter(({ do: what }) => what === "escalate");
    };
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
    approve(story, "ap-1", "run-1", "approver-1");
    const [first] = escalated("ap-1", "run-1");
    expect(first).toMatchObject({ key: "muster/shop/ap-1".replace("shop", story.plan.application), level: 2 });
    expect(first?.raises).toBe(INCIDENT.replace("shop", story.plan.application));
    expect(first?.page.summary).toContain("ap-1 still needs 1 answer");
    story.emit("approval.expired", { approvalId: "ap-1", runId: "run-1" });
    story.emit("run.cancelled", { runId: "run-1", reason: "nobody answered" });
    propose(story, { runId: "run-2", runbook: "failover", approvalId: "ap-2" });
    expect(escalated("ap-2", "run-2").map(({ level }) => level)).toEqual([2, 3]);
    expect(inShort(told(story))).toContain("resolve ap-1");
  });

  it("wake nobody for a drill, whatever happens in it", () => {
    const story = scenes.drill();
    const run = Object.values(story.state().runs).find(({ rehearsal }) => rehearsal);
    expect(run).toBeDefined();
    const runId = run?.runId ?? "";
    const error = { code: "step-timeout", summary: "It took too long.", hint: "", retryable: false } as const;
    const [step] = run?.steps ?? [];
    story.emit("step.failed", { runId, stepId: step?.stepId ?? "", attempt: 1, error });
    story.emit("guard.overridden", {
      runId,
      guards: [{ guard: "locked", summary: "It is locked." }],
      reason: "a drill",
    });
    const ofDrill = told(story).filter((one) => one.runId === runId || one.key.includes(runId));
    expect(ofDrill).toEqual([]);
  });

  it("name nobody", () => {
    const people = ["approver-1", "approver-2", "operator", "commander", "observer"];
    const said = JSON.stringify([wholeNight(), scenes.halted(), scenes.brokenGlass()].map((story) => told(story)));
    expect(people.filter((name) => said.includes(name))).toEqual([]);
  });
});
