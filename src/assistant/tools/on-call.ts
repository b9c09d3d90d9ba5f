import { z } from "zod";
import { count, instant } from "../../format.ts";
import { defineTool } from "./tool.ts";

/** Who would be paged. Names are values that code writes; the model is not told them. */
export const onCall = defineTool({
  name: "oncall",
  description: "Who is on call now, by schedule and level of escalation.",
  input: z.strictObject({}),
  output: z.object({
    connected: z.boolean(),
    people: z.array(
      z.object({ schedule: z.string(), level: z.number(), person: z.string(), until: z.string().optional() }),
    ),
  }),
  read: async (_input, { onCall: port, signal }) =>
    port ? { connected: true, people: (await port.onCall(signal)).slice(0, 20) } : { connected: false, people: [] },
  tell({ connected, people }, { at }) {
    if (!connected) {
      const sentence = "No pager is connected, so that Muster does not know who is on call.";
      return { summary: "no pager is connected", rows: [{ kind: "oncall.now", sentence, values: {} }] };
    }
    return {
      summary: `${count(people.length, "person", "people")} on call`,
      rows: people.map(({ schedule, level, person, until }) => ({
        kind: "oncall.now",
        sentence: `Somebody is on call for ${schedule} at level ${level}${until ? ` until ${instant(until, at)}` : ""}.`,
        values: { schedule, level: String(level), person, ...(until && { until: instant(until, at) }) },
      })),
    };
  },
});
