import { belongsTo } from "../cards/timeline.ts";
import { describeEvent } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { clip, count } from "../format.ts";
import { own } from "../own.ts";
import { isNews } from "../reports/weight.ts";
import type { AppState } from "../state.ts";
import type { ChatMessage } from "./port.ts";

const MOST_NEWS = 4;
const LONGEST_NEWS = 160;

/** Which version a line tells of, so that its own documents go with it and not those of a later one. */
export function attachmentOf(event: DomainEvent, state: AppState): Pick<ChatMessage, "attach"> {
  const report = reportOf(event, state);
  return report ? { attach: { incidentId: report.incident.incidentId, version: report.version } } : {};
}

/** What has happened since the version before; nothing for the first. */
export function newsText(event: DomainEvent, events: readonly DomainEvent[], state: AppState): string[] {
  const report = reportOf(event, state);
  const before = report?.incident.reports[report.version - 2];
  const now = report?.incident.reports[report.version - 1];
  if (!report || !before || !now) return [];
  const news = events.filter(
    (one) => one.seq > before.asOfSeq && one.seq <= now.asOfSeq && isNews(one) && belongsTo(report.incident, one),
  );
  const since = `since version ${report.version - 1}`;
  if (news.length === 0) return [`Nothing worth a line has happened ${since}.`];
  const shown = news.slice(-MOST_NEWS).map((one) => `• ${clip(describeEvent(one, state), LONGEST_NEWS)}`);
  const more = news.length - shown.length;
  return [`New ${since}${more > 0 ? `, after ${count(more, "line")} more` : ""}:\n${shown.join("\n")}`];
}

function reportOf({ kind, data, seq }: DomainEvent, state: AppState) {
  if (kind !== "report.written") return undefined;
  const incident = own(state.incidents, data.incidentId);
  const version = (incident?.reports.findIndex((one) => one.seq === seq) ?? -1) + 1;
  return incident && version > 0 ? { incident, version } : undefined;
}
