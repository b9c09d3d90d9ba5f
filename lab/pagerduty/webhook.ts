import { createHmac, randomUUID } from "node:crypto";
import type { FakePageIncident, FakePagerDuty } from "./state.ts";

export async function addNote(
  pagerduty: FakePagerDuty,
  incident: FakePageIncident,
  userId: string,
  content: string,
  now: () => number,
): Promise<{ id: string; content: string }> {
  const note = {
    id: `PNOTE${String(incident.notes.length + 1).padStart(2, "0")}${incident.id}`,
    content,
    user: userId,
  };
  incident.notes.push(note);
  const data = { id: note.id, type: "incident_note", content, trimmed: false, incident: reference(incident) };
  await post(pagerduty, "incident.annotated", data, userId, now);
  return note;
}

function reference({ id, title }: FakePageIncident) {
  const html = `https://lab.pagerduty.example/incidents/${id}`;
  return {
    id,
    type: "incident_reference",
    summary: title,
    html_url: html,
    self: `https://api.pagerduty.com/incidents/${id}`,
  };
}

export async function tell(
  pagerduty: FakePagerDuty,
  kind: string,
  incident: FakePageIncident,
  userId: string | undefined,
  now: () => number,
): Promise<void> {
  const { id, number, status, title, key } = incident;
  const data = { ...reference(incident), id, type: "incident", number, status, title, incident_key: key };
  await post(pagerduty, kind, data, userId, now);
}

async function post(
  pagerduty: FakePagerDuty,
  kind: string,
  data: object,
  userId: string | undefined,
  now: () => number,
): Promise<void> {
  if (!pagerduty.webhook) return;
  const user = pagerduty.users.find(({ id }) => id === userId);
  const agent = user
    ? {
        id: user.id,
        type: "user_reference",
        summary: user.name,
        html_url: `https://lab.pagerduty.example/users/${user.id}`,
      }
    : null;
  const event = {
    id: randomUUID(),
    event_type: kind,
    resource_type: "incident",
    occurred_at: new Date(now()).toISOString(),
    agent,
    client: null,
    data,
  };
  await deliver(pagerduty, JSON.stringify({ event }));
}

export async function deliver(pagerduty: FakePagerDuty, body: string): Promise<void> {
  if (!pagerduty.webhook) return;
  const { url, secrets } = pagerduty.webhook;
  // While a secret is being changed there are two: https://developer.pagerduty.com/docs/verifying-webhook-signatures
  const signature = secrets.map((secret) => `v1=${createHmac("sha256", secret).update(body).digest("hex")}`).join(",");
  const headers = {
    "content-type": "application/json",
    "x-pagerduty-signature": signature,
    "x-webhook-id": "PWEBHOOK",
  };
  const answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  pagerduty.deliveries.push({ body, status: answer?.status ?? 0 });
}
