import { type Stub, stubs } from "./stub.ts";

/** What is seen of the regions and stores, and what follows from it by itself. */
export const detectionStubs: Stub[] = [
  ...stubs(
    "src/detection/loss.ts",
    ["test/detection/loss.test.ts"],
    [
      { name: "nothing is ever unreplicated", find: "if (bytes === 0)", replace: "if (true)" },
      {
        name: "every loss is within budget",
        find: 'return loss.kind !== "unknown" && loss.seconds <= budgetSeconds;',
        replace: "return true;",
      },
      {
        name: "an unknown loss is within budget",
        find: 'loss.kind !== "unknown" && loss',
        replace: 'loss.kind === "unknown" || loss',
      },
      {
        name: "positions of different histories compare",
        find: "if (head.history !== last.replica.history)",
        replace: "if (false)",
      },
    ],
  ),
  ...stubs(
    "src/detection/verdicts.ts",
    ["test/detection/verdicts.test.ts"],
    [
      {
        name: "one failure is a region down",
        find: "const failing = rows.filter((row) => row.failures >= detection.downAfter);",
        replace: "const failing = rows.filter((row) => row.failures >= 1);",
      },
      {
        name: "some failing probes are a region down",
        find: "if (failing.length === rows.length)",
        replace: "if (failing.length > 0)",
      },
      {
        name: "one good answer is a recovery",
        find: 'current === "healthy" ? 0 : detection.healthyAfter;',
        replace: 'current === "healthy" ? 0 : 1;',
      },
    ],
  ),
  ...stubs(
    "src/detection/loss.ts",
    ["test/detection/loss.test.ts"],
    [
      {
        name: "a clock that was set back makes a loss small",
        find: "const setBack = memory.setBack === true ||",
        replace: "const setBack = false &&",
      },
      {
        name: "a primary that returns is counted from before the clock was set back",
        find: "...(setBack && bounded && { setBack })",
        replace: "",
      },
    ],
  ),
  ...stubs(
    "src/detection/sampler.ts",
    ["test/detection/sampler.test.ts"],
    [
      {
        name: "a loss is counted from this instance's own last look, however old",
        find: "return own && headAt(own) >= headAt(known) ? own : known;",
        replace: "return own ?? known;",
      },
      {
        name: "a copy that was emptied passes for whole",
        find: "const { coveredPosition = 0 } = known;",
        replace: "const coveredPosition = 0;",
      },
      {
        name: "a loss is counted from a moment that is still to come",
        find: "|| Date.parse(known.head.at) > now) return { heads: [] };",
        replace: ") return { heads: [] };",
      },
    ],
  ),
  ...stubs(
    "src/incidents/refused.ts",
    ["test/incidents/refused.test.ts"],
    [
      {
        name: "nobody is told that a failover cannot be proposed",
        find: "if (PASSING.has(code) ||",
        replace: "if (code ||",
      },
      {
        name: "that a failover cannot be proposed is said with every try",
        find: "state.refusedProposals[subjectKey(asked)]?.includes(code)",
        replace: "false",
      },
    ],
  ),
  {
    name: "a refused proposal writes what it has seen",
    file: "src/runs/propose.ts",
    find: "overriddenBy(refusals(now, { ...find(now), readiness: status }), request);",
    replace: "",
    tests: ["test/incidents/refused.test.ts"],
  },
  {
    name: "a run is proposed whose reason is gone when the evidence is there",
    file: "src/runs/propose-by-itself.ts",
    find: "if (!asked) throw noLongerAsked(proposal);",
    replace: "",
    tests: ["test/runs/propose-by-itself.test.ts"],
  },
  ...stubs(
    "src/incidents/decide.ts",
    ["test/incidents/decide.test.ts"],
    [
      {
        name: "each look at a region that is down opens an incident",
        find: 'if (region?.verdict !== "down" || state.openIncidentId !== undefined) return [];',
        replace: 'if (region?.verdict !== "down") return [];',
      },
      {
        name: "a fault whose incident was resolved opens it again and again",
        find: "if (known) return [];",
        replace: "",
      },
      {
        name: "what people denied is asked again by itself",
        find: 'if (asked.some((run) => run?.source === state.active && run.phase !== "completed")) return [];',
        replace: "",
      },
      {
        name: "a second fault of one incident is proposed nothing",
        find: 'if (asked.some((run) => run?.source === state.active && run.phase !== "completed")) return [];',
        replace: "if (asked.length > 0) return [];",
      },
      {
        name: "what was tried before a quarantine counts for it",
        find: "run.source === state.active && runNumber(run) > before",
        replace: "run.source === state.active",
      },
      {
        name: "a region that follows one which was left since counts as a follower",
        find: "run.source === state.active && runNumber(run) > before",
        replace: "runNumber(run) > before",
      },
      {
        name: "a failover is proposed to a region in quarantine",
        find: "&& !quarantine && isAllowed(plan, code)",
        replace: "&& isAllowed(plan, code)",
      },
      {
        name: "a failover is proposed out of the jurisdiction",
        find: "&& !quarantine && isAllowed(plan, code)",
        replace: "&& !quarantine",
      },
      {
        name: "quarantine ends with the first good answer",
        find: ".filter(({ at }) => now >= at)",
        replace: "",
      },
      {
        name: "health of before its quarantine lets a region out of it",
        find: "at: Date.parse(quarantine.countsFrom) +",
        replace: "at: Date.parse(state.regions[code]?.since ?? quarantine.since) +",
      },
      {
        name: "quarantine ends before the stores follow",
        find: " || !follows(plan, state, code)",
        replace: "",
      },
      {
        name: "an incident is resolved while a region is not well",
        find: 'if (regions.some(({ verdict, quarantine }) => verdict !== "healthy" || quarantine)) return [];',
        replace: "",
      },
    ],
  ),
];
