import { z } from "zod";
import { parsed } from "./parsed.ts";
import type { FakePageIncident, FakePagerDuty } from "./state.ts";
import { addNote } from "./webhook.ts";

const Note = z.strictObject({ note: z.strictObject({ content: z.string().min(1).max(25_000) }) });
const Change = z.strictObject({
  incident: z.strictObject({
    type: z.enum(["incident", "incident_reference"]),
    escalation_level: z.number().int().min(1).max(20).optional(),
    status: z.enum(["acknowledged", "resolved"]).optional(),
  }),
});

/** https://developer.pagerduty.com/api-reference: what of it Muster uses. */
export async function answerRest(pagerduty: FakePagerDuty, request: Request, now: () => number): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const token = request.headers.get("authorization");
  const reading = token === `Token token=${pagerduty.readOnlyToken}`;
  if (!reading && token !== `Token token=${pagerduty.apiToken}`) {
    return Response.json({ error: { message: "Unauthorized", code: 2006 } }, { status: 401 });
  }
  if (!request.headers.get("accept")?.includes("application/vnd.pagerduty+json;version=2")) {
    return fault(406, "Not Acceptable");
  }
  const writing = request.method !== "GET";
  if (writing && reading) return fault(403, "Access Denied");
  const from = request.headers.get("from");
  const user = pagerduty.users.find(({ email }) => email === from);
  if (writing && !user) return fault(400, "Requester User Not Found");
  const [, kind = "", id, part] = pathname.split("/");
  const incident = pagerduty.incidents.find((one) => one.id === id);
  const route = `${request.method} ${[kind, ...(id === undefined ? [] : [":id"]), ...(part === undefined ? [] : [part])].join("/")}`;
  switch (route) {
    case "GET abilities":
      return Response.json({ abilities: ["teams", "advanced_reports"] });
    case "GET oncalls":
      return onCalls(pagerduty, searchParams);
    case "GET escalation_policies/:id":
      return named("escalation_policy", pagerduty.policies, id);
    case "GET schedules/:id":
      return named("schedule", pagerduty.schedules, id);
    case "GET incidents": {
      const key = searchParams.get("incident_key");
      const found = pagerduty.incidents.filter((one) => key === null || one.key === key).toReversed();
      const limit = Number(searchParams.get("limit") ?? 25);
      const page = { limit, offset: 0, total: null, more: found.length > limit };
      return Response.json({ incidents: found.slice(0, limit).map(shown), ...page });
    }
    case "GET incidents/:id":
      return incident ? Response.json({ incident: shown(incident) }) : fault(404, "Not Found");
    case "GET incidents/:id/alerts":
      if (!incident) return fault(404, "Not Found");
      return Response.json({
        alerts: [{ id: `${incident.id}A`, alert_key: incident.key }],
        limit: 25,
        offset: 0,
        more: false,
      });
    case "PUT incidents/:id": {
      const body = Change.safeParse(parsed(await request.text()));
      if (!body.success) return invalid(z.prettifyError(body.error));
      if (!incident) return fault(404, "Not Found");
      const { escalation_level: level, status } = body.data.incident;
      if (incident.status === "resolved") return invalid("Incident Already Resolved");
      if (status) incident.status = status;
      if (level !== undefined && level !== incident.level) {
        incident.level = level;
        pagerduty.notified.push({ at: now(), level, title: incident.title, key: incident.key });
      }
      return Response.json({ incident: shown(incident) });
    }
    case "GET incidents/:id/notes":
      return incident ? Response.json({ notes: incident.notes }) : fault(404, "Not Found");
    case "POST incidents/:id/notes": {
      const body = Note.safeParse(parsed(await request.text()));
      if (!body.success) return invalid(z.prettifyError(body.error));
      if (!incident) return fault(404, "Not Found");
      const note = await addNote(pagerduty, incident, user?.id ?? "", body.data.note.content, now);
      return Response.json({ note });
    }
    default:
      return fault(404, "Not Found");
  }
}

function shown({ id, number, key, title, status }: FakePageIncident) {
  return {
    id,
    type: "incident",
    incident_number: number,
    incident_key: key,
    title,
    status,
    summary: `[#${number}] ${title}`,
  };
}

function onCalls({ onCalls: all, users, policies, schedules }: FakePagerDuty, query: URLSearchParams): Response {
  const wantedPolicies = query.getAll("escalation_policy_ids[]");
  const wantedSchedules = query.getAll("schedule_ids[]");
  const limit = Number(query.get("limit") ?? 25);
  const offset = Number(query.get("offset") ?? 0);
  if (!(limit >= 1 && limit <= 100)) return invalid("Limit must be between 1 and 100.");
  const nameOf = (list: { id: string; name: string }[], id: string) => list.find((one) => one.id === id)?.name ?? id;
  const found = all
    .filter(({ policy }) => wantedPolicies.length === 0 || wantedPolicies.includes(policy))
    .filter(({ schedule }) => wantedSchedules.length === 0 || wantedSchedules.includes(schedule ?? ""))
    .map(({ policy, schedule, level, user, end }) => ({
      escalation_policy: { id: policy, type: "escalation_policy_reference", summary: nameOf(policies, policy) },
      escalation_level: level,
      schedule:
        schedule === undefined
          ? null
          : { id: schedule, type: "schedule_reference", summary: nameOf(schedules, schedule) },
      user: { id: user, type: "user_reference", summary: nameOf(users, user) },
      start: end === undefined ? null : "2030-01-01T09:00:00Z",
      end: end ?? null,
    }));
  const page = { limit, offset, total: null, more: found.length > offset + limit };
  return Response.json({ oncalls: found.slice(offset, offset + limit), ...page });
}

function named(kind: string, list: { id: string; name: string }[], id: string | undefined): Response {
  const found = list.find((one) => one.id === id);
  return found ? Response.json({ [kind]: { ...found, summary: found.name } }) : fault(404, "Not Found");
}

function fault(status: number, message: string): Response {
  return Response.json({ error: { message, code: status === 404 ? 2100 : 2010 } }, { status });
}

function invalid(message: string): Response {
  return Response.json(
    { error: { message: "Invalid Input Provided", code: 2001, errors: [message] } },
    { status: 400 },
  );
}
