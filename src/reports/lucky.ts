import { lossInShort } from "../events/loss-text.ts";
import { duration } from "../format.ts";
import type { BareFacts } from "./facts.ts";
import { inOrder, longestMs, type Rule } from "./rules.ts";
import type { Statement } from "./schema-items.ts";

/** What went well without anybody's doing, and would have been worse a little later or a little further. */
export function luckyOf(facts: BareFacts): Statement[] {
  return rules.flatMap((rule) => rule(facts)).map(inOrder);
}

const copyWasClose: Rule<Statement> = ({ losses, runs, incident }) =>
  losses.flatMap(({ store, region, runId, loss, promotion, budget, ceilingMs, refs }) => {
    const away = runs.find(({ id }) => id === runId)?.source === incident.region;
    if (!away || promotion !== "done" || budget !== "within") return [];
    const else_ =
      ceilingMs === undefined ? "" : ` Beyond ${duration(ceilingMs)} the promotion would have waited for people.`;
    return [
      {
        text: `How far the copy of ${store} in ${region} was behind when its primary failed was chance: it gave up ${lossInShort(loss)}.${else_}`,
        refs,
      },
    ];
  });

const unfencedStayedQuiet: Rule<Statement> = ({ acceptedRisks, divergences }) => {
  const relied = acceptedRisks.filter(({ reliedOn }) => reliedOn);
  if (relied.length === 0 || divergences.length === 0 || divergences.some(({ empty }) => !empty)) return [];
  return [
    {
      text: "The run went on under an accepted risk, and the returned copy turned out to hold nothing that the other lacks.",
      refs: [...relied, ...divergences].flatMap(({ refs }) => refs),
    },
  ];
};

/** From this share of a bound on, a little more would have broken it. */
const NARROW = 0.75;

const narrowRecovery: Rule<Statement> = ({ objectives, outages }) =>
  objectives
    .filter(({ rto, rtoMs }) => rto === "met" && longestMs(outages) >= rtoMs * NARROW)
    .map(({ service, rtoMs }) => ({
      text: `${service} was back only ${duration(rtoMs - longestMs(outages))} before its recovery target of ${duration(rtoMs)} was used up.`,
      refs: outages.flatMap(({ refs }) => refs),
    }));

const decidedLate: Rule<Statement> = ({ runs }) =>
  runs.flatMap(({ id, approvals }) =>
    approvals.flatMap(({ id: approvalId, phase, requestedAt, expiresAt, endedAt, decisions, refs }) => {
      const [asked, closes] = [Date.parse(requestedAt), Date.parse(expiresAt)];
      const ended = Date.parse(endedAt ?? requestedAt);
      if (phase !== "granted" || ended - asked < (closes - asked) * NARROW) return [];
      return [
        {
          text: `Approval ${approvalId} for ${id} was given ${duration(closes - ended)} before it would have expired.`,
          refs: [...refs, ...decisions.flatMap((one) => one.refs)],
        },
      ];
    }),
  );

const rules = [copyWasClose, unfencedStayedQuiet, narrowRecovery, decidedLate];
