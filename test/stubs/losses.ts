import { type Stub, stubs } from "./stub.ts";

const PROMOTION = ["test/runs/promotion.test.ts"];
const DIVERGENCE = ["test/approvals/divergence.test.ts"];

/** What stands between a promotion and more loss than people had allowed. */
export const lossStubs: Stub[] = [
  {
    name: "a promotion does not look at its loss again before its intent",
    file: "src/runs/intend.ts",
    find: 'if (attempt.action.effect === "promotion") {',
    replace: "if (false) {",
    tests: PROMOTION,
  },
  ...stubs("src/runs/promotion.ts", PROMOTION, [
    {
      name: "a promotion is not decided on its own look",
      find: "for (const seen of [withSamples(state, run, looked), state])",
      replace: "for (const seen of [state])",
    },
    {
      name: "a promotion does not see a loss that grew after its own look",
      find: "for (const seen of [withSamples(state, run, looked), state])",
      replace: "for (const seen of [withSamples(state, run, looked)])",
    },
    {
      name: "a promotion does not say what it loses",
      find: "return [...assessed(state), intent];",
      replace: "return [intent];",
    },
  ]),
  ...stubs("src/approvals/ceilings.ts", PROMOTION, [
    {
      name: "one person may give up data alone",
      find: "if (!mustAccept.some(isAboutData)) return { quorum, excludeRequester };",
      replace: "if (mustAccept) return { quorum, excludeRequester };",
    },
    {
      name: "Muster's own wish counts as a person's",
      only: "two people where Muster itself asked",
      find: 'const least = requester.startsWith("system:") ? 2 : 1;',
      replace: "const least = 1;",
    },
  ]),
  ...stubs("src/approvals/decide.ts", PROMOTION, [
    {
      name: "an automatic policy takes any loss",
      find: "acceptancesOf(state, about, steps, actions).some(isAboutData)",
      replace: "false",
    },
  ]),
  ...stubs("src/approvals/divergence.ts", DIVERGENCE, [
    {
      name: "what was never compared counts as nothing",
      find: "if (report && isEmpty(report.found)) return [];",
      replace: "if (!report || isEmpty(report.found)) return [];",
    },
    {
      name: "what only home held needs no acceptance",
      find: 'if (runbook.kind !== "failback") return [];',
      replace: "if (runbook) return [];",
    },
  ]),
  {
    name: "traffic goes home past a comparison that nobody was shown",
    file: "src/runs/decide.ts",
    find: "if (news.length === 0) return { start: true };",
    replace: "if (news) return { start: true };",
    tests: DIVERGENCE,
  },
  {
    name: "a comparison from before the failover counts after it",
    file: "src/detection/fold.ts",
    find: "([, one]) => one.region !== region",
    replace: "() => true",
    tests: DIVERGENCE,
  },
  {
    name: "a question about a loss outlives the loss",
    file: "src/runs/decide.ts",
    find: "const withdrawn = withdraw(state, run, approval, actions);",
    replace: "const withdrawn = [] as ReturnType<typeof withdraw>;",
    tests: PROMOTION,
  },
];
