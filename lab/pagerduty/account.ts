import { acceptEvent } from "./events.ts";
import { answerRest } from "./rest.ts";
import type { Failure, FakePageIncident, FakePagerDuty } from "./state.ts";
import { addNote, deliver, tell } from "./webhook.ts";

/** See `FakePagerDuty` for what it is; `now` for the moments that it writes down. */
export function createFakePagerDuty(now: () => number = () => Date.now()): FakePagerDuty {
  const pagerduty: FakePagerDuty = {
    routingKey: "0123456789abcdef0123456789abcdef",
    apiToken: "u+lab-token-of-the-account",
    readOnlyToken: "u+lab-token-that-only-reads",
    users: [
      { id: "PUSER01", name: "First on call", email: "first@lab.example" },
      { id: "PUSER02", name: "Second on call", email: "second@lab.example" },
    ],
    incidents: [],
    policies: [{ id: "PPOLICY", name: "Platform" }],
    schedules: [{ id: "PSCHED1", name: "Platform primary" }],
    onCalls: [
      { policy: "PPOLICY", schedule: "PSCHED1", level: 1, user: "PUSER01", end: "2030-01-07T09:00:00Z" },
      { policy: "PPOLICY", level: 2, user: "PUSER02" },
    ],
    requests: [],
    notified: [],
    failing: {},
    lying: false,
    beforeAnswer: undefined,
    webhook: undefined,
    deliveries: [],
    async events(request) {
      const failed = await failure(pagerduty.failing.events, request);
      if (failed) return failed;
      const { pathname } = new URL(request.url);
      if (request.method !== "POST" || pathname !== "/v2/enqueue") return Response.json({}, { status: 404 });
      return await acceptEvent(pagerduty, await request.text(), now);
    },
    async rest(request) {
      const { pathname } = new URL(request.url);
      pagerduty.requests.push(`${request.method} ${pathname}`);
      return (await failure(pagerduty.failing.rest, request)) ?? (await answerRest(pagerduty, request, now));
    },
    person: {
      async acknowledge(id, userId) {
        const incident = incidentOf(pagerduty, id);
        incident.status = "acknowledged";
        await tell(pagerduty, "incident.acknowledged", incident, userId, now);
      },
      async resolve(id, userId) {
        const incident = incidentOf(pagerduty, id);
        incident.status = "resolved";
        await tell(pagerduty, "incident.resolved", incident, userId, now);
      },
      async note(id, userId, content) {
        const incident = incidentOf(pagerduty, id);
        await addNote(pagerduty, incident, userId, content, now);
      },
    },
    async redeliver() {
      const last = pagerduty.deliveries.at(-1);
      if (last) await deliver(pagerduty, last.body);
    },
  };
  return pagerduty;
}

async function failure(failing: Failure | undefined, request: Request): Promise<Response | undefined> {
  if (!failing) return undefined;
  if (failing.status === "hang") {
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
  }
  const status = failing.status === "hang" ? 504 : failing.status;
  const headers = failing.retryAfter === undefined ? {} : { "retry-after": failing.retryAfter };
  if (status >= 500) return new Response("<html>away</html>", { status, headers });
  return Response.json(
    { status: "throttle exceeded", message: "Requests for this service are arriving too quickly" },
    { status, headers },
  );
}

function incidentOf(pagerduty: FakePagerDuty, id: string): FakePageIncident {
  const incident = pagerduty.incidents.find((one) => one.id === id);
  if (!incident) throw new Error(`there is no incident ${id}`);
  return incident;
}
