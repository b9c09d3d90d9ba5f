import type { AppState } from "../../src/state.ts";
import type { FakePagerDuty } from "../pagerduty/state.ts";
import { lookUntilKept } from "./look-until-kept.ts";
import type { MusterClient } from "./muster.ts";
import { pause } from "./people.ts";
import type { PromiseCheck } from "./promises.ts";

/** As long as somebody may sleep on. */
const AT_ONCE_MS = 10_000;
const NOTE = "I am on call and look at the provider's page.";

/** Somebody is woken, takes the page in the app and writes what they do. */
export async function answerThePage(pagerduty: FakePagerDuty, say: (line: string) => void): Promise<void> {
  const deadline = performance.now() + AT_ONCE_MS;
  while (pagerduty.incidents.length === 0 && performance.now() < deadline) await pause(100);
  const [page] = pagerduty.incidents;
  const [user] = pagerduty.users;
  if (!page || !user) return;
  await pagerduty.person.acknowledge(page.id, user.id);
  await pagerduty.person.note(page.id, user.id, NOTE);
  say(`Somebody was paged (“${page.title}”), acknowledged it there and wrote a note.`);
}

/** Looked at in the account, not in what Muster says of itself; that it is over is told there after it is over here. */
export function checkPages(pagerduty: FakePagerDuty, muster: MusterClient): Promise<PromiseCheck> {
  return lookUntilKept(async () => check(pagerduty, await muster.state()));
}

function check({ notified, incidents }: FakePagerDuty, { incidents: ours, runs, application }: AppState): PromiseCheck {
  const [incident] = Object.values(ours);
  const key = `muster/${application}/${incident?.incidentId}`;
  // On a busy machine a region may be out of sight for a moment, and a run that waits for it wakes people, too.
  const held = Object.values(runs).filter(({ wakes = [] }) => wakes.length > 0);
  const heldKeys = held.map(({ runId }) => `muster/${application}/${runId}/held`);
  const own = notified.filter((one) => one.key === key);
  const others = notified.filter((one) => one.key !== key && !heldKeys.includes(one.key)).map(({ title }) => title);
  const afterMs = (own[0]?.at ?? Number.NaN) - Date.parse(incident?.openedAt ?? "");
  const status = incidents.find((one) => one.key === key)?.status;
  const told = incident?.pins.some(({ chat, text }) => chat === "pagerduty" && text === NOTE) ?? false;
  const seen = `${own.length} page, ${afterMs} ms after the incident was opened; now ${status ?? "not there"}; ${told ? "the note is on the timeline" : "the note is not on the timeline"}; ${held.length} runs held meanwhile, ${others.length} others${others.length > 0 ? `: ${others.join(", ")}` : ""}`;
  return {
    promise: "whoever is on call was paged once and at once, for nothing else, and let be in the end",
    kept: own.length === 1 && afterMs <= AT_ONCE_MS && status === "resolved" && told && others.length === 0,
    seen,
  };
}
