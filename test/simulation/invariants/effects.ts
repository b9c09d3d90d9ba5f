import type { Request } from "../world.ts";
import type { Recorded, RunRecord, StepRecord } from "./record.ts";
import { isIrreversible } from "./steps.ts";

/** An intent that stood when its request was sent, and nothing else, permits it. */
export interface Sent {
  request: Request;
  /** The intent's sequence. */
  intent: number;
}

/** Promise 2: what is asked of the world. Called when a request leaves; `earlier` are those that left before it. */
export function requestViolation(
  before: Recorded,
  request: Request,
  earlier: readonly Sent[],
  leaseMs: number,
): { violation?: string; intent: number; onItsWay: boolean } {
  const [runId = "", stepId = "", attempt = ""] = request.token.split("/");
  const run = before.runs.get(runId);
  const step = run?.steps.get(stepId);
  const what = `${request.token} asks ${request.resource} to be ${request.want}`;
  if (!run || !step) return { violation: `${what} for no run that is known`, intent: 0, onItsWay: false };
  const used = new Set(earlier.filter((one) => one.request.token === request.token).map(({ intent }) => intent));
  const intents = step.intents.filter((one) => `${one.attempt}` === attempt);
  const intent = intents.find(({ seq }) => !used.has(seq));
  if (!intent) {
    const why = intents.length === 0 ? "without an intent" : `a ${used.size + 1}th time for ${intents.length} intents`;
    return { violation: `${what} ${why}`, intent: 0, onItsWay: false };
  }
  const after = afterTheEnd(run, intent, request, leaseMs);
  const violation = after.violation ?? onceAgain(run, step, request, earlier) ?? tooEarly(run, step);
  return { intent: intent.seq, onItsWay: after.onItsWay, ...(violation && { violation: `${what} ${violation}` }) };
}

function afterTheEnd(
  { ended }: RunRecord,
  intent: { seq: number; atMs: number },
  { sentMs }: Request,
  leaseMs: number,
): { violation?: string; onItsWay: boolean } {
  if (!ended) return { onItsWay: false };
  if (intent.seq > ended.seq) return { violation: `after ${ended.kind}`, onItsWay: false };
  // Its intent stood; its sender was told of that and had not yet heard of the end.
  if (sentMs - intent.atMs > leaseMs)
    return { violation: `${sentMs - ended.atMs} ms after ${ended.kind}`, onItsWay: true };
  return { onItsWay: true };
}

/** `once`: never again by itself, unless the world said no to the one before. */
function onceAgain(run: RunRecord, step: StepRecord, request: Request, earlier: readonly Sent[]): string | undefined {
  if (request.action.repeat !== "once") return undefined;
  const prefix = `${run.runId}/${step.planned.id}/`;
  const unanswered = earlier.filter(
    (one) => one.request.token.startsWith(prefix) && (one.request.refused ?? "unreachable") === "unreachable",
  );
  if (unanswered.length <= step.retried) return undefined;
  return `again, which must be done once, after ${unanswered.length} requests and ${step.retried} retries by people`;
}

function tooEarly(run: RunRecord, step: StepRecord): string | undefined {
  if (run.started || (step.planned.prepare && !isIrreversible(step.planned))) return undefined;
  return "before its run has started";
}

/** No change of the world twice for one intent. Called when a request has changed something. */
export function transitionViolation(request: Request, sent: readonly Sent[]): string | undefined {
  const own = sent.find((one) => one.request === request);
  const twin = sent.find((one) => one !== own && one.intent === own?.intent && one.request.transition);
  if (!twin) return undefined;
  return `${request.resource} changed a second time for one intent of ${request.token}`;
}
