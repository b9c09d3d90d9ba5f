import { evidenceText, observerText } from "../events/describe-detection.ts";
import { capital, clause, count, duration, elapsed, instant, percent, sentence } from "../format.ts";
import { phaseWord, runTitle, stepsDone } from "../runs/summary-view.ts";
import type { RunState } from "../state.ts";
import type { Card, CardButton } from "./card.ts";
import { incidentTitle } from "./incident.ts";
import { lossInWords } from "./loss.ts";
import { lockText, overrideTexts } from "./override.ts";
import { approvalLine } from "./run.ts";
import type { RegionView, ServiceView, StatusView } from "./status-view.ts";
import { obstaclesOf } from "./steps.ts";
import { instanceText, placementFacts, storeHeadline, storeText } from "./store.ts";
import { links, roomFacts } from "./war-room.ts";

export function statusCard(view: StatusView): Card {
  const { status, sentence } = overall(view);
  const title = `${view.application}: ${sentence}`;
  return {
    title,
    status,
    facts: statusFacts(view),
    ...links(view.link),
    table: {
      columns: ["Region", "Health", "Traffic", "Role", "Seen"],
      rows: view.regions.map((one) => regionRow(one, view.at)),
    },
    text: [
      ...(view.lock ? [lockText(view.lock, view.at)] : []),
      ...view.runs.flatMap((run) => overrideTexts(run, view.at)),
      view.summary,
    ],
    buttons: nextButtons(view),
    context: [`home ${view.home}`, `event ${view.seq}`, `as of ${instant(view.at)}`],
    fallback: title,
  };
}

/** Where to look next, for whoever was woken up: what is asked of people, then what waits for them or goes on. */
function nextButtons({ pending, regions, runs, services }: StatusView): CardButton[] {
  const look = (label: string, command: string, input: object): CardButton => {
    return { label, style: "default", command, input: { ...input } };
  };
  const [run] = runs.filter(({ phase }) => phase !== "proposed");
  // People may have said no, or nothing was proposed: the service is down, and nobody is asked any more.
  const idle = services.some(({ available }) => available === false) && runs.length === 0;
  const targets = regions.filter(({ active, verdict, quarantine }) => !active && verdict === "healthy" && !quarantine);
  return [
    ...(pending.length > 0 ? [look("See what is asked", "pending", {})] : []),
    ...(idle ? targets : []).map(({ code: region }) =>
      look(`See what a failover to ${region} would do`, "failover", { region, dryRun: true }),
    ),
    ...(run ? [look(`See ${runTitle(run)}, step by step`, "run", { run: run.runId })] : []),
  ];
}

/** One sentence that is true and says the worst thing first, then what waits for people. */
export function overall(view: StatusView): { status: Card["status"]; sentence: string } {
  const { status, words } = worst(view);
  const late = view.observer ? [`Muster itself ${view.observer.fault ? "cannot look" : "is late"}`] : [];
  const locked = view.lock ? [`LOCKED by ${view.lock.by}`] : [];
  const store = storeHeadline(view.store, view.at);
  const asked = view.pending.length > 0 ? [`${count(view.pending.length, "approval")} pending`] : [];
  const all = [...words, ...late, ...locked, ...asked, `served from ${view.active}`].join("; ");
  if (store !== undefined) return { status: "danger", sentence: `${store}; last known: ${all}` };
  return { status: status === "ok" && (view.lock || view.observer) ? "warning" : status, sentence: all };
}

function worst(view: StatusView): { status: Card["status"]; words: string[] } {
  const halted = view.runs.find(({ phase }) => phase === "halted");
  if (halted) return { status: "danger", words: [`${halted.runId} is halted and waits for a person`] };
  const outage = view.services.find(({ available }) => available === false);
  if (outage) return { status: "danger", words: [`${outage.service} is NOT available`] };
  if (view.pending.length > 0) return { status: "waiting", words: [] };
  const [running] = view.runs;
  if (running) {
    const stuck = obstaclesOf(running).length > 0;
    const words = `${runTitle(running)} ${phaseWord(running)}${stuck ? ", but gets no further now" : ""}`;
    return { status: stuck ? "warning" : "info", words: [words] };
  }
  const unwell = view.regions
    .filter(({ verdict, quarantine }) => verdict !== "healthy" || quarantine)
    .map(({ code, verdict }) => `${code} is ${verdict === "healthy" ? "in quarantine" : verdict}`);
  const incident = view.incident ? [`${view.incident.incidentId} is open`] : [];
  if (unwell.length > 0) return { status: "warning", words: [...unwell, ...incident] };
  return incident.length > 0 ? { status: "warning", words: incident } : { status: "ok", words: ["all well"] };
}

/** Why a run that goes on gets nowhere: without it "running" would say that all goes well. */
function obstacles(run: RunState): string {
  return obstaclesOf(run)
    .map((text) => `; ${text}`)
    .join("");
}

function statusFacts(view: StatusView): { label: string; value: string }[] {
  const { at } = view;
  const store = storeText(view.store, at);
  return [
    ...(store === undefined ? [] : [{ label: "Store", value: store }]),
    ...(view.observer ? [{ label: "Observer", value: observerText(view.observer, at) }] : []),
    ...view.services.map((service) => ({ label: `Service ${service.service}`, value: serviceText(service, at) })),
    ...view.stores.map(({ store, target, loss, budgetSeconds, withinBudget }) => ({
      label: `Not yet in ${target} (${store})`,
      value: lossInWords(loss, budgetSeconds, withinBudget, at),
    })),
    ...view.unmeasured.map((store) => ({ label: `Copies of ${store}`, value: noCopy(view.active) })),
    ...(view.incident
      ? [
          { label: "Incident", value: `${view.incident.incidentId}: ${incidentTitle(view.incident)}` },
          ...roomFacts(view.incident, view.runs, at),
        ]
      : []),
    ...view.runs.map((run) => ({
      label: `Run ${run.runId}`,
      value: `${runTitle(run)} ${phaseWord(run)}, ${stepsDone(run)} of ${count(run.steps.length, "step")}${obstacles(run)}`,
    })),
    ...view.pending.map((approval) => ({ label: "Pending", value: approvalLine(approval, at) })),
    ...(view.peopleProblem ? [{ label: "People file", value: peopleProblemText(view.peopleProblem, at) }] : []),
    ...view.readiness.map(({ runbook, source, target, status, since }) => ({
      label: `Readiness of ${runbook}`,
      value: `${source} → ${target}: ${status} since ${instant(since, at)}`,
    })),
    ...view.lostChats.map(({ chat, since, summary, hint }) => ({
      label: `Not reached: ${capital(chat)}`,
      value: `since ${instant(since, at)}: ${sentence(summary)} ${hint}`.trim(),
    })),
    ...view.instances.map((one) => ({ label: `Instance ${one.name}`, value: instanceText(one, at) })),
    ...placementFacts(view.placement),
  ];
}

/** Roles that somebody believes to have changed have not. */
export function peopleProblemText(problem: NonNullable<StatusView["peopleProblem"]>, at: string): string {
  const refused = `refused at ${instant(problem.at, at)}, the one before stays in force: ${clause(problem.summary)}`;
  return [refused, ...problem.problems.map(clause)].join("; ");
}

export const noCopy = (active: string): string =>
  `no other region's copy is measured against ${active}; counts as unknown`;

export function serviceText(service: ServiceView, at: string): string {
  const { available, since, outage } = service;
  if (available === undefined) return "not probed yet";
  if (!available)
    return `NOT available since ${instant(outage?.from ?? since, at)} (${elapsed(outage?.from ?? since ?? at, at)})`;
  const last = outage?.to
    ? `; last outage ${instant(outage.from, at)}, ${elapsed(outage.from, outage.to)} ± ${duration(outage.precisionMs)}`
    : "";
  return `available since ${instant(since, at)}${last}`;
}

function regionRow(region: RegionView, at: string): string[] {
  const since = region.since === "" ? "" : ` since ${instant(region.since, at)}`;
  const share = region.share === undefined ? "unknown" : percent(region.share);
  return [
    `${region.code} (${region.name})`,
    `${region.verdict}${since}`,
    share,
    regionRole(region, at),
    troubleText(region, at),
  ];
}

function regionRole(region: RegionView, at: string): string {
  const words = [region.active ? "active" : "standby", ...(region.home ? ["home"] : [])];
  const { quarantine } = region;
  if (quarantine)
    words.push(`quarantined since ${instant(quarantine.since, at)} by ${quarantine.runId}: ${quarantine.reason}`);
  return words.join(", ");
}

/**
 * What made a region be not healthy, and when it last was. The evidence is that of the verdict's last change: under
 * a healthy region it would be old by hours and look like news.
 */
export function troubleText(region: RegionView, at: string): string {
  if (region.verdict === "healthy") return "";
  const bad = region.evidence.filter(({ ok }) => !ok);
  const lastGood = region.lastGoodAt ? [`last good at ${instant(region.lastGoodAt, at)}`] : [];
  return [evidenceText(bad.length > 0 ? bad : region.evidence), ...lastGood].filter((part) => part !== "").join("; ");
}
