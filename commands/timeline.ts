import { z } from "zod";
import { chooseIncident } from "../src/cards/status-view.ts";
import { type TimelineView, timelineCard, timelineEntries } from "../src/cards/timeline.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";
import type { Core } from "../src/core.ts";
import { AppError } from "../src/errors.ts";
import type { AppState } from "../src/state.ts";

const PAGE = 1_000;
const MAX_ENTRIES = 1_000;

export const timeline = defineCommand({
  name: "timeline",
  summary: "Tell what happened in an incident: the open one, else the latest",
  positionals: ["incident"],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ incident: Id.optional().describe("an incident; the open or latest one without it") }),
  run: async ({ incident: incidentId }, core): Promise<TimelineView> => {
    const state = await core.state();
    const incident = chooseIncident(state, incidentId);
    if (incident) return { incident, ...(await collect(core, state, incident)) };
    if (incidentId === undefined) return { entries: [], truncated: false };
    const known = Object.keys(state.incidents).slice(-10).join(", ") || "none so far";
    throw new AppError({
      code: "unknown-incident",
      summary: `There is no incident "${incidentId}".`,
      hint: `Known: ${known}. Without an id "timeline" shows the open or latest one.`,
    });
  },
  present: (view) => timelineCard(view),
});

/** Reads the journal in pages, so that memory stays bounded whatever its length. */
async function collect(
  core: Core,
  state: AppState,
  incident: NonNullable<TimelineView["incident"]>,
): Promise<Omit<TimelineView, "incident">> {
  let entries: TimelineView["entries"] = [];
  let truncated = false;
  for (let after = 0; ; ) {
    const events = await core.journal.query({ after, limit: PAGE });
    entries = [...entries, ...timelineEntries(incident, events, state)];
    if (entries.length > MAX_ENTRIES) truncated = true;
    entries = entries.slice(-MAX_ENTRIES);
    const last = events.at(-1);
    if (!last || events.length < PAGE) return { entries, truncated };
    after = last.seq;
  }
}
