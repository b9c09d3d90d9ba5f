import { lossInWords } from "../../cards/loss.ts";
import { lockText, overrideTexts } from "../../cards/override.ts";
import { runPhase, standing } from "../../cards/run-phase.ts";
import { noCopy, overall, peopleProblemText, serviceText } from "../../cards/status.ts";
import type { RegionView, StatusView, StoreView } from "../../cards/status-view.ts";
import { stepState, stepTime } from "../../cards/steps.ts";
import { instanceText, placementFacts, storeText } from "../../cards/store.ts";
import { links, roomFacts } from "../../cards/war-room.ts";
import type { ProbeEvidence } from "../../detection/events.ts";
import { evidenceText, observerText } from "../../events/describe-detection.ts";
import { clause, duration, elapsed, instant, percent } from "../../format.ts";
import { type Html, html } from "../../html.ts";
import { guardsText } from "../../runs/step-guards.ts";
import { runTitle, stepsDone } from "../../runs/summary-view.ts";
import { holdOf } from "../../runs/views.ts";
import type { RunState, StepState } from "../../state.ts";
import { ICONS, linksHtml } from "./card-html.ts";

/** Beside the channel: what is true now. */
export function sideHtml(view: StatusView): Html {
  const { status, sentence } = overall(view);
  const store = storeText(view.store, view.at);
  return html`${lockHtml(view)}<section class="overall card ${status}" id="overall"><h2><span class="icon" aria-hidden="true">${ICONS[status]}</span> ${sentence}</h2>
<p class="context">${view.application} · as of ${instant(view.at, view.at)}</p>${store !== undefined && html`<p>${store}</p>`}${view.observer && html`<p class="context warning" id="observer">${observerText(view.observer, view.at)}</p>`}${view.peopleProblem && html`<p class="context warning">People file ${peopleProblemText(view.peopleProblem, view.at)}</p>`}${pendingHtml(view)}</section>
${roomHtml(view)}${view.runs.map((run) => runHtml(run, view.at))}
<section aria-label="Regions" class="regions">${view.regions.map((region) => regionHtml(region, view.at))}</section>
<section class="panel" aria-label="Service and data"><h2>Service and data</h2><dl>${view.services.map(
    (service) =>
      html`<div class="${service.available === false ? "danger" : ""}"><dt>${service.service}</dt><dd>${serviceText(service, view.at)}<small class="block">to be back within ${duration(service.rtoMs)}</small></dd></div>`,
  )}${view.stores.map((store) => storeHtml(store, view.at))}${view.unmeasured.map((store) => html`<div class="warning"><dt>${store}</dt><dd>${noCopy(view.active)}</dd></div>`)}</dl></section>
<section class="panel" aria-label="Readiness"><h2>Readiness</h2>${readinessHtml(view)}${placementHtml(view)}</section>
${instancesHtml(view)}`;
}

function lockHtml({ lock, at }: StatusView): Html | false {
  if (!lock) return false;
  return html`<section class="panel card warning" id="lock" aria-label="Lock"><h2><span class="icon" aria-hidden="true">${ICONS.warning}</span> ${lockText(lock, at)}</h2></section>`;
}

/** Where people meet, and who does what there. */
function roomHtml({ incident, link, runs, at }: StatusView): Html | false {
  if (!incident) return false;
  const facts = roomFacts(incident, runs, at).map(
    ({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  );
  return html`<section class="panel" id="room" aria-label="War room"><h2><a href="#${incident.incidentId}">War room of ${incident.incidentId}</a></h2>${linksHtml({ ...links(link) })}<dl>${facts}</dl></section>`;
}

function pendingHtml({ pending, at }: StatusView): Html | false {
  if (pending.length === 0) return false;
  const links = pending.map(({ approvalId, decisions, quorum, expiresAt }) => {
    const yes = decisions.filter(({ decision }) => decision === "approve").length;
    return html`<li><a href="#${approvalId}">${approvalId}</a>: ${yes} of ${quorum}, expires in ${elapsed(at, expiresAt)}</li>`;
  });
  return html`<ul class="pending">${links}</ul>`;
}

function runHtml(run: RunState, at: string): Html {
  const from = run.startedAt ?? run.proposedAt;
  const clock = run.startedAt
    ? `${elapsed(from, run.endedAt ?? at)} of about ${duration(run.evidence.expected.ms)}`
    : `not started; about ${duration(run.evidence.expected.ms)}`;
  return html`<section class="panel run ${run.phase}" aria-label="${run.runId}"><h2><a href="#${run.runId}">${runTitle(run)}</a></h2>
<div class="progress"><progress max="${run.steps.length}" value="${stepsDone(run)}" aria-label="steps done"></progress><span>${clock}</span></div>
${holdHtml(run, at)}${overrideTexts(run, at).map((text) => html`<p class="context danger">${text}</p>`)}<ol>${run.steps.map((step) => stepHtml(run, step, at))}</ol></section>`;
}

/** The steps alone would look as if it simply went on. */
function holdHtml(run: RunState, at: string): Html | false {
  const hold = holdOf(run);
  if (hold === undefined) return false;
  const text = hold === "paused" ? standing(run, at)[0] : `${run.runId} ${runPhase(run).word}.`;
  return html`<p class="context warning">${text}</p>`;
}

function stepHtml(run: RunState, step: StepState, at: string): Html {
  const [mark = "", ...words] = stepState(step, at).split(" ");
  // Why nothing moves belongs where people look first.
  const reason = step.guarded
    ? `held: ${guardsText(step.guarded.guards)}`
    : step.phase === "running"
      ? step.reason
      : undefined;
  const why = reason !== undefined && html`<small class="why">${clause(reason)}</small>`;
  return html`<li class="${step.phase}"><span class="mark" aria-hidden="true">${mark}</span><span class="name">${step.name}${why}</span><span class="time">${step.phase === "pending" ? "" : `${words.join(" ")} · `}${stepTime(run, step, at)}</span></li>`;
}

function regionHtml(region: RegionView, at: string): Html {
  const share = region.share ?? 0;
  const badges = [region.active && "active", region.home && "home", region.quarantine && "quarantined"].filter(
    (badge) => badge !== false && badge !== undefined,
  );
  const { quarantine } = region;
  return html`<article class="region ${region.verdict}" id="region-${region.code}">
<h3><span class="dot" aria-hidden="true"></span>${region.code} <small>${region.name}</small></h3>
<p class="badges"><strong class="verdict">${region.verdict}</strong>${badges.map((badge) => html`<span class="badge ${badge}">${badge}</span>`)}</p>
<div class="share"><svg role="img" aria-label="share of the traffic" width="100%" height="8"><rect class="track" width="100%" height="8" rx="4"></rect><rect class="bar" width="${Math.round(share * 100)}%" height="8" rx="4"></rect></svg><span>${region.share === undefined ? "traffic unknown" : `${percent(share)} of traffic`}</span></div>
${region.verdict !== "healthy" && html`<ul class="probes">${region.evidence.map(probeHtml)}</ul>`}
${region.since !== "" && html`<p class="context">${region.verdict} since ${instant(region.since, at)}${region.verdict !== "healthy" && region.lastGoodAt ? ` · last good ${instant(region.lastGoodAt, at)}` : ""}</p>`}
${quarantine && html`<p class="context">quarantined since ${instant(quarantine.since, at)}: ${quarantine.reason}</p>`}</article>`;
}

/** As it was when the verdict changed; under a healthy region that would be old and look like news. */
function probeHtml(one: ProbeEvidence): Html {
  return html`<li class="${one.ok ? "ok" : "danger"}">${one.ok ? "✓" : "✗"} ${evidenceText([one])}</li>`;
}

function storeHtml(store: StoreView, at: string): Html {
  const { loss, budgetSeconds, withinBudget } = store;
  const used = loss.kind === "unknown" ? 1 : Math.min(1, loss.seconds / Math.max(budgetSeconds, 0.001));
  const short =
    loss.kind === "unknown" ? "unknown" : `${loss.seconds === 0 ? "" : "at most "}${duration(loss.seconds * 1_000)}`;
  return html`<div class="${withinBudget ? "" : "danger"}"><dt>${store.store} not yet in ${store.target}</dt><dd><strong>${short}</strong> of ${duration(budgetSeconds * 1_000)} budget
<svg class="lag ${withinBudget ? "ok" : "danger"}" role="img" aria-label="loss against budget" width="100%" height="6"><rect class="track" width="100%" height="6" rx="3"></rect><rect class="bar" width="${Math.round(used * 100)}%" height="6" rx="3"></rect></svg>
<small class="block">${lossInWords(loss, budgetSeconds, withinBudget, at)}</small></dd></div>`;
}

function placementHtml({ placement }: StatusView): Html | false {
  const rows = placementFacts(placement).map(
    ({ label, value }) => html`<li class="unknown"><strong>${label}</strong><small class="block">${value}</small></li>`,
  );
  return rows.length > 0 && html`<ul class="readiness">${rows}</ul>`;
}

function instancesHtml({ instances, at }: StatusView): Html | false {
  if (instances.length === 0) return false;
  const rows = instances.map(
    (one) =>
      html`<div class="${one.alive ? "" : "warning"}"><dt>${one.name}</dt><dd>${instanceText(one, at)}</dd></div>`,
  );
  return html`<section class="panel" aria-label="Instances"><h2>Instances</h2><dl>${rows}</dl></section>`;
}

function readinessHtml({ readiness, at }: StatusView): Html {
  if (readiness.length === 0) return html`<p class="context">not assessed yet</p>`;
  const rows = readiness.map(({ runbook, source, target, status, since, steps }) => {
    const open = steps.filter(({ state }) => state === "blocked" || state === "unknown");
    return html`<li class="${status}"><strong>${runbook}</strong> ${source} → ${target}: ${status}<small class="block">since ${instant(since, at)}${open.map(({ stepId, reason }) => ` · ${stepId}${reason ? `: ${reason}` : ""}`)}</small></li>`;
  });
  return html`<ul class="readiness">${rows}</ul>`;
}
