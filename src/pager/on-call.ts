import type { OnCallPort } from "../assistant/on-call.ts";
import { AppError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { OnCall, OnCallLevel } from "./port.ts";

export interface OnCallView {
  levels: OnCallLevel[];
  at: string;
}

const LONGEST_MS = 8_000;

/** Asked at the moment; nothing of it is kept. Throws AppError `config-invalid` where there is no pager to ask. */
export async function askOnCall(
  onCall: OnCall | undefined,
  clock: Pick<Clock, "now" | "timeout">,
): Promise<OnCallView> {
  if (!onCall) throw nobodyToAsk();
  const levels = await onCall.now(clock.timeout(LONGEST_MS)).catch((error: unknown) => {
    throw error instanceof AppError ? error : tooLate();
  });
  return { levels, at: new Date(clock.now()).toISOString() };
}

/** The same in the form in which the assistant's tool reads it: one entry a person, in the order of paging. */
export function onCallPeople(onCall: OnCall): OnCallPort {
  return {
    async onCall(signal) {
      const levels = await onCall.now(signal);
      return levels.flatMap(({ policy, level, people }) =>
        people.map(({ name, schedule = policy, until }) => {
          return { schedule, level, person: name, ...(until !== undefined && { until }) };
        }),
      );
    },
  };
}

function nobodyToAsk(): AppError {
  return new AppError({
    code: "config-invalid",
    summary: "No pager says who is on call.",
    hint: "Set MUSTER_PAGERDUTY_API_TOKEN (docs/communication.md); until then, look where you keep the schedule.",
  });
}

function tooLate(): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `The pager did not say who is on call within ${LONGEST_MS / 1_000} s.`,
    hint: "Look in the pager itself, or call people by what you know.",
    retryable: true,
  });
}
