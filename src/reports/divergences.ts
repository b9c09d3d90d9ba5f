import { divergenceText, isEmpty, leftText } from "../events/divergence-text.ts";
import { ofKind, type ReportContext, refsOf } from "./input.ts";
import type { LossFacts, ReportFacts } from "./schema.ts";

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

/**
 * What the first comparison after a promotion found, where it is whole: a later one may be of a copy that has followed
 * since, and one that was cut is of a part.
 */
export function comparedAfter(
  { own, runs }: Pick<ReportContext, "own" | "runs">,
  { runId, store, region: target, refs }: LossFacts,
): NonNullable<ReportFacts["headline"]["worstLoss"]>["compared"] {
  const source = runs.find((run) => run.runId === runId)?.source;
  const event = ofKind(own, "divergence.compared").find(
    ({ seq, data }) =>
      data.store === store && data.region === source && data.against === target && refs.every((ref) => ref < seq),
  );
  if (!event || event.data.found.cut !== undefined) return undefined;
  const { region, found } = event.data;
  return { region, records: found.compared, leftText: leftText(found), refs: refsOf(event) };
}
