import type { ModelEndpoint, ModelsFile } from "../../src/assistant/endpoints.ts";
import type { ModelPort } from "../../src/assistant/model.ts";
import { AppError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";
import { type Access, type OpenAccess, openAccess } from "./access.ts";
import { askAzure } from "./azure.ts";
import { type Circuit, createCircuit } from "./circuit.ts";
import { converseAzure } from "./converse.ts";
import type { Failure } from "./errors.ts";

export interface ModelOptions {
  models: ModelsFile;
  secret(name: string): string | undefined;
  clock: Clock;
  /** Another authority for signing in than those that every system trusts, for tests. */
  ca?: string;
}

interface Place {
  endpoint: ModelEndpoint;
  access: OpenAccess;
  circuit: Circuit;
}

/** So often within one request; the rest of its time goes to others. */
const TRIES = 2;
/** What an endpoint may take of the time that is left while another one could still be asked. */
const SHARE = 0.6;

/** Several deployments as one model. Throws AppError `config-invalid` for a key or secret that is not there. */
export function openModel({ models, secret, clock, ca }: ModelOptions): ModelPort {
  const places = models.endpoints.map((endpoint) => ({
    endpoint,
    access: openAccess(endpoint, { secret, ...(ca !== undefined && { ca }) }),
    circuit: createCircuit(clock),
  }));
  const deadlineMs = Math.round(models.deadlineSeconds * 1_000);
  const inTime = async <Answer extends Answered>(request: Wanted, attempt: Attempt<Answer>) => {
    const total = AbortSignal.any([request.signal, clock.timeout(deadlineMs)]);
    const end = clock.monotonic() + deadlineMs;
    return await askAround(inOrder(places, request.avoid ?? []), total, attempt, end, clock);
  };
  return {
    complete: (request) =>
      inTime(request, (endpoint, access, signal) => askAzure(endpoint, access, { ...request, signal })),
    converse: (request) =>
      inTime(request, (endpoint, access, signal) => converseAzure(endpoint, access, { ...request, signal })),
  };
}

/** As the file lists them, those in a failing region last. */
function inOrder(places: readonly Place[], avoid: readonly string[]): Place[] {
  const isAway = ({ endpoint }: Place) => avoid.includes(endpoint.region);
  return [...places.filter((one) => !isAway(one)), ...places.filter(isAway)];
}

interface Wanted {
  signal: AbortSignal;
  avoid?: readonly string[];
}
interface Answered {
  endpoint: string;
}
type Attempt<Answer> = (endpoint: ModelEndpoint, access: Access, signal: AbortSignal) => Promise<Answer | Failure>;

async function askAround<Answer extends Answered>(
  places: readonly Place[],
  total: AbortSignal,
  attempt: Attempt<Answer>,
  end: number,
  clock: Clock,
): Promise<Answer> {
  const tries = new Map<Place, number>();
  let last: AppError | undefined;
  for (;;) {
    const left = end - clock.monotonic();
    const open = places.filter((place) => (tries.get(place) ?? 0) < TRIES);
    const place = open.toSorted((one, other) => one.circuit.waitMs() - other.circuit.waitMs())[0];
    const waitMs = place?.circuit.waitMs() ?? 0;
    if (!place || waitMs >= left || total.aborted) throw last ?? nobody(waitMs);
    if (waitMs > 0) {
      await clock.sleep(waitMs, total).catch(() => undefined);
      continue;
    }
    tries.set(place, (tries.get(place) ?? 0) + 1);
    const others = open.some((one) => one !== place && one.circuit.waitMs() < left);
    const signal = others ? AbortSignal.any([total, clock.timeout(Math.ceil(left * SHARE))]) : total;
    const access = await place.access(signal);
    const answer = "error" in access ? access : await attempt(place.endpoint, access, signal);
    if ("endpoint" in answer) {
      place.circuit.answered();
      return answer;
    }
    place.circuit.failed(answer);
    last = answer.error;
    if (answer.next === "end") throw last;
  }
}

function nobody(waitMs: number): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: "No endpoint of the models file may be asked now: each has failed or asked to wait.",
    hint: "`muster doctor` says how each of them answers.",
    retryable: true,
    ...(waitMs > 0 && { retryAfterMs: waitMs }),
  });
}
