import { z } from "zod";
import type { OnCall, OnCallLevel } from "../../src/pager/port.ts";
import type { PagerDutyClient, PagerDutyOptions } from "./pagerduty-client.ts";

const Reference = z.object({ summary: z.string() });
const OnCalls = z.object({
  oncalls: z.array(
    z.object({
      escalation_policy: Reference,
      escalation_level: z.number().int(),
      schedule: Reference.nullish(),
      user: Reference,
      end: z.string().nullish(),
    }),
  ),
  more: z.boolean().optional(),
});
type Entry = z.infer<typeof OnCalls>["oncalls"][number];

const PAGE = 100;
const MOST_PAGES = 5;

/** Who is on call in the named policies and schedules; in the whole account when none is named. */
export function createPagerDutyOnCall(
  client: PagerDutyClient,
  { policies, schedules }: Pick<PagerDutyOptions, "policies" | "schedules">,
): OnCall {
  async function entries(filter: Record<string, string[]>, signal: AbortSignal): Promise<Entry[]> {
    const found: Entry[] = [];
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { ...filter, earliest: "true", limit: String(PAGE), offset: String(page * PAGE) };
      const { oncalls, more } = await client.rest({ path: "oncalls", query, answer: OnCalls, signal });
      found.push(...oncalls);
      if (!more) break;
    }
    return found;
  }

  return {
    async now(signal) {
      // Named together they would be those of both; each is meant for itself.
      const filters = [
        ...(policies.length > 0 ? [{ "escalation_policy_ids[]": [...policies] }] : []),
        ...(schedules.length > 0 ? [{ "schedule_ids[]": [...schedules] }] : []),
      ];
      const found: Entry[] = [];
      for (const filter of filters.length > 0 ? filters : [{}]) found.push(...(await entries(filter, signal)));
      return levelsOf(found);
    },
  };
}

function levelsOf(entries: readonly Entry[]): OnCallLevel[] {
  const levels = new Map<string, OnCallLevel>();
  for (const { escalation_policy: policy, escalation_level: level, schedule, user, end } of entries) {
    const key = `${policy.summary}\n${level}`;
    const known = levels.get(key) ?? { policy: policy.summary, level, people: [] };
    const isThere = known.people.some(
      ({ name, schedule: from }) => name === user.summary && from === schedule?.summary,
    );
    if (!isThere) {
      known.people.push({
        name: user.summary,
        ...(schedule && { schedule: schedule.summary }),
        ...(end && { until: end }),
      });
    }
    levels.set(key, known);
  }
  return [...levels.values()].toSorted(
    (one, other) => one.policy.localeCompare(other.policy) || one.level - other.level,
  );
}
