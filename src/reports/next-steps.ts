import { lossInShort } from "../events/loss-text.ts";
import { list, timeOfDay } from "../format.ts";
import type { BareFacts } from "./facts.ts";
import { gaveUp } from "./rules.ts";
import type { Statement } from "./schema-items.ts";

/** What people should do next, most urgent first: rules over how things stand now. */
export function nextStepsOf(facts: BareFacts): Statement[] {
  return [
    ...decide(facts),
    ...settle(facts),
    ...lookAfterSteps(facts),
    ...recover(facts),
    ...comeHome(facts),
    ...lookAfterData(facts),
    ...conclude(facts),
  ];
}

function decide({ runs }: BareFacts): Statement[] {
  const approvals = runs.flatMap((run) =>
    run.approvals
      .filter(({ phase }) => phase === "pending")
      .map(({ id, refs }) => ({
        text: `Decide about ${run.runbook} ${run.id}: dr approve ${id}, or dr deny ${id} --reason "…".`,
        refs,
      })),
  );
  const halted = runs
    .filter(({ phase }) => phase === "halted")
    .flatMap((run) =>
      run.steps
        .filter(({ phase }) => phase === "failed")
        .map(({ id, refs }) => ({
          text: `Decide about step ${id} of ${run.id}: dr retry ${run.id} ${id}, dr skip ${run.id} ${id} --reason "…", or dr abort ${run.id} --reason "…".`,
          refs,
        })),
    );
  const paused = runs
    .filter((run) => run.paused !== undefined)
    .map(({ id, paused, refs }) => ({
      text: `Decide about ${id}, which ${paused?.by} paused: dr resume ${id}, or dr abort ${id} --reason "…".`,
      refs,
    }));
  return [...approvals, ...halted, ...paused];
}

/** What an abort left in flight may have taken effect since. */
function lookAfterSteps({ runs }: BareFacts): Statement[] {
  return runs.flatMap((run) =>
    run.steps
      .filter(({ phase }) => phase === "stopped")
      .map(({ id, remark = "", refs }) => ({
        text: `See what became of step ${id} of ${run.id}: ${remark}.`,
        refs,
      })),
  );
}

/** A run that ended half-way may have left the data in one region and the record of who serves in another. */
function settle({ runs, losses, current }: BareFacts): Statement[] {
  return runs
    .filter(({ phase }) => phase === "aborted")
    .flatMap(({ id, refs }) =>
      losses
        .filter(
          ({ runId, promotion, region }) => runId === id && promotion !== "not-asked" && region !== current.active,
        )
        .map(({ store, region, promotion, refs: more }) => ({
          text: `Decide where the service is to run: ${id} was aborted after it had ${promotion === "done" ? "promoted" : "sent the promotion of"} ${store} in ${region}, and ${current.active} is still the active region.`,
          refs: [...refs, ...more],
        })),
    );
}

/** The active region is down and nothing is in flight: somebody has to start something. */
function recover({ current, runs, incident }: BareFacts): Statement[] {
  const active = current.regions.find((region) => region.active);
  if (incident.resolved || active?.verdict !== "down" || runs.some(inFlight)) return [];
  const refs = [...incident.openedRefs, ...runs.flatMap((run) => run.refs)];
  const targets = current.regions.filter(
    (region) => !region.active && isUp(region) && region.quarantinedSince === undefined,
  );
  if (targets.length === 0) {
    return [{ text: `Bring ${active.code} or another region back: none can take over now.`, refs }];
  }
  const commands = targets.map(({ code }) => `dr failover ${code}`);
  return [{ text: `${active.code} is down and no run is in flight: ${list(commands, "or")}.`, refs }];
}

function comeHome({ current, runs, incident, quarantines }: BareFacts): Statement[] {
  const home = current.regions.find((region) => region.home);
  if (!home || home.active || incident.resolved || runs.some(inFlight)) return [];
  const refs = [...quarantines.flatMap((one) => one.refs), ...runs.flatMap((run) => run.refs.slice(-1))];
  if (home.verdict === "down" || home.verdict === "unknown") {
    return [
      {
        text: `Bring ${home.code} back; it stays under quarantine until it is healthy and its stores follow ${current.active}.`,
        refs,
      },
    ];
  }
  if (home.quarantinedSince !== undefined) {
    return [
      {
        text: `Wait until the quarantine of ${home.code} is lifted; then bring the service home with dr failback.`,
        refs,
      },
    ];
  }
  return [{ text: `Bring the service home when it suits: dr failback.`, refs }];
}

function lookAfterData({ losses, acceptedRisks, saved }: BareFacts): Statement[] {
  const missing = losses.filter(gaveUp).map(({ store, region, loss, refs }) => ({
    text: `Tell those who own data in ${store} what may be missing since the promotion in ${region}: ${lossInShort(loss)}.`,
    refs,
  }));
  const risks = acceptedRisks
    .filter(({ reliedOn }) => reliedOn)
    .map(({ runId, text, refs }) => ({ text: `Follow up the risk that ${runId} took: ${text}`, refs }));
  const copies = saved.map(({ region, name, refs }) => ({
    text: `Look into the saved data set${name ? ` ${name}` : ""} in ${region} for writes that nothing else holds.`,
    refs,
  }));
  return [...missing, ...risks, ...copies];
}

function conclude({ incident, current, runs }: BareFacts): Statement[] {
  const cause = { text: "Establish the root cause; it is not established yet.", refs: incident.openedRefs };
  if (incident.resolved) {
    return [
      cause,
      { text: "Complete the post-mortem draft and agree on its action items.", refs: incident.resolved.refs },
    ];
  }
  const active = current.regions.find((region) => region.active);
  const calm = active?.home && isUp(active) && !runs.some(inFlight);
  if (!calm) return [cause];
  const sinceText = active.since === undefined ? "" : `, and has been since ${timeOfDay(active.since)}`;
  return [
    {
      text: `${active.code} is home and ${active.verdict}${sinceText}: when clients are well, end the incident with dr resolve.`,
      refs: incident.openedRefs,
    },
    cause,
  ];
}

function inFlight({ phase }: { phase: string }): boolean {
  return phase === "proposed" || phase === "running" || phase === "halted" || phase === "aborting";
}

function isUp({ verdict }: { verdict: string }): boolean {
  return verdict === "healthy" || verdict === "degraded";
}
