import { divergenceText, isEmpty } from "../events/divergence-text.ts";
import { ofKind, type ReportContext, refsOf } from "./input.ts";
import type { ReportFacts } from "./schema.ts";

/** What only a returned copy held, as its comparison found it before the copy was made a follower. */
export function divergencesOf({ own }: ReportContext): ReportFacts["divergences"] {
  return ofKind(own, "divergence.compared").map((event) => {
    const { runId, stepId, store, region, against, found } = event.data;
    const verified = ofKind(own, "step.verified").find(({ data }) => data.runId === runId && data.stepId === stepId);
    const listed = (what: "only-old" | "differing") =>
      found.examples.filter((one) => one.what === what).map(({ record }) => record);
    return {
      runId,
      store,
      region,
      against,
      at: event.at,
      compared: found.compared,
      foundText: divergenceText(found),
      empty: isEmpty(found),
      shown: found.shown,
      onlyOld: listed("only-old"),
      differing: listed("differing"),
      unlisted: Math.max(0, found.onlyOld + found.differing - found.examples.length),
      refs: refsOf(verified, event),
    };
  });
}
