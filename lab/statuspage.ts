import { z } from "zod";

/**
 * A page of Atlassian Statuspage that keeps state, validates what it is sent and refuses what the real one refuses:
 * https://developer.statuspage.io. `fetch` is spoken to over a server that the caller makes.
 */

const Status = z.enum(["investigating", "identified", "monitoring", "resolved"]);
const ComponentStatus = z.enum([
  "operational",
  "under_maintenance",
  "degraded_performance",
  "partial_outage",
  "major_outage",
]);
const IncidentFields = z.strictObject({
  name: z.string().min(1).max(255),
  status: Status,
  body: z.string().min(1).max(25_000),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  components: z.record(z.string(), ComponentStatus).optional(),
  component_ids: z.array(z.string()).optional(),
  impact_override: z.enum(["none", "minor", "major", "critical", "maintenance"]).optional(),
});
const Changes = IncidentFields.partial();
const Begin = z.strictObject({ incident: IncidentFields });
const Go = z.strictObject({ incident: Changes });
const SetPostmortem = z.strictObject({ postmortem: z.strictObject({ body_draft: z.string().min(1).max(25_000) }) });
const SetComponent = z.strictObject({ component: z.strictObject({ status: ComponentStatus }) });

export interface FakeStatuspage {
  pageId: string;
  apiKey: string;
  incidents: FakeIncident[];
  components: { id: string; name: string; status: string }[];
  requests: string[];
  /** Answered instead of doing anything. */
  failing: { status: number; retryAfter?: string } | undefined;
  /** Says that it was done, and does nothing. */
  lying: boolean;
  /** Awaited when something has been done, before it is said. */
  beforeAnswer: ((request: string) => Promise<void>) | undefined;
  /** Requests within this time of the last one are refused, as the real one refuses more than one a second. */
  minIntervalMs: number;
  now(): number;
  handle(request: Request): Promise<Response>;
}

export interface FakeIncident {
  id: string;
  name: string;
  status: string;
  impact: string;
  metadata: Record<string, unknown>;
  incident_updates: { status: string; body: string }[];
  /** The draft of its post-mortem, which only those who sign in see. */
  postmortem_body?: string;
}

/** Lists are paged whether or not that is asked for. https://developer.statuspage.io/#tag/components */
const MOST_ON_A_PAGE = 100;

export function createFakeStatuspage({ components }: { components: string[] }): FakeStatuspage {
  let last = Number.NEGATIVE_INFINITY;
  const page: FakeStatuspage = {
    pageId: "kctbh9vrtdwd",
    apiKey: "key-of-the-lab",
    incidents: [],
    components: components.map((name, index) => ({ id: `cmp${index + 1}`, name, status: "operational" })),
    requests: [],
    failing: undefined,
    lying: false,
    beforeAnswer: undefined,
    minIntervalMs: 0,
    now: () => performance.now(),
    async handle(request) {
      const { pathname } = new URL(request.url);
      page.requests.push(`${request.method} ${pathname}`);
      const { failing } = page;
      if (failing) {
        const headers = failing.retryAfter === undefined ? {} : { "retry-after": failing.retryAfter };
        return new Response("<html>away</html>", { status: failing.status, headers });
      }
      const now = page.now();
      const tooSoon = now - last < page.minIntervalMs;
      last = now;
      if (tooSoon) return error(420, "Too many requests");
      if (request.headers.get("authorization") !== `OAuth ${page.apiKey}`) return error(401, "Could not authenticate");
      const [, version, pages, id, kind, item, part] = pathname.split("/");
      if (version !== "v1" || pages !== "pages" || id !== page.pageId) return error(404, "Record not found");
      if (page.lying && request.method !== "GET") return Response.json({ id: item ?? "inc0", name: "", status: "" });
      const response = await answer(page, request, part === undefined ? (kind ?? "") : `${kind}/${part}`, item);
      await page.beforeAnswer?.(`${request.method} ${kind}`);
      return response;
    },
  };
  return page;
}

async function answer(
  page: FakeStatuspage,
  request: Request,
  kind: string,
  item: string | undefined,
): Promise<Response> {
  const route = `${request.method} ${kind}${item === undefined ? "" : "/:id"}`;
  const incident = page.incidents.find(({ id }) => id === item);
  const component = page.components.find(({ id }) => id === item);
  switch (route) {
    case "GET components": {
      const asked = new URL(request.url).searchParams;
      const size = Math.min(Number(asked.get("per_page")) || MOST_ON_A_PAGE, MOST_ON_A_PAGE);
      const from = ((Number(asked.get("page")) || 1) - 1) * size;
      return Response.json(page.components.slice(from, from + size));
    }
    case "PATCH components/:id": {
      if (!component) return error(404, "Record not found");
      const body = SetComponent.safeParse(await json(request));
      if (!body.success) return error(422, z.prettifyError(body.error));
      component.status = body.data.component.status;
      return Response.json(component);
    }
    case "GET incidents":
      return Response.json(page.incidents.toReversed());
    case "GET incidents/:id":
      return incident ? Response.json(incident) : error(404, "Record not found");
    case "POST incidents": {
      const body = Begin.safeParse(await json(request));
      if (!body.success) return error(422, z.prettifyError(body.error));
      const begun: FakeIncident = {
        id: `inc${page.incidents.length + 1}`,
        name: "",
        status: "",
        impact: "none",
        metadata: {},
        incident_updates: [],
      };
      const refused = change(page, begun, body.data.incident);
      if (refused) return refused;
      page.incidents.push(begun);
      return Response.json(begun, { status: 201 });
    }
    case "PATCH incidents/:id": {
      if (!incident) return error(404, "Record not found");
      const body = Go.safeParse(await json(request));
      if (!body.success) return error(422, z.prettifyError(body.error));
      return change(page, incident, body.data.incident) ?? Response.json(incident);
    }
    case "PUT incidents/postmortem/:id": {
      if (!incident) return error(404, "Record not found");
      const body = SetPostmortem.safeParse(await json(request));
      if (!body.success) return error(422, z.prettifyError(body.error));
      if (incident.status !== "resolved") return error(422, "Incident is not resolved");
      incident.postmortem_body = body.data.postmortem.body_draft;
      return Response.json({ preview_key: "k", body_draft: incident.postmortem_body });
    }
    default:
      return error(404, "Not found");
  }
}

function change(page: FakeStatuspage, incident: FakeIncident, fields: z.infer<typeof Changes>): Response | undefined {
  const entries = Object.entries(fields.components ?? {});
  const strange = entries.find(([id]) => !page.components.some((one) => one.id === id));
  if (strange) return error(422, `Component ${strange[0]} is not of this page`);
  for (const [id, status] of entries) {
    const component = page.components.find((one) => one.id === id);
    if (component) component.status = status;
  }
  incident.name = fields.name ?? incident.name;
  incident.status = fields.status ?? incident.status;
  incident.impact = fields.impact_override ?? incident.impact;
  incident.metadata = fields.metadata ?? incident.metadata;
  if (fields.body !== undefined) incident.incident_updates.push({ status: incident.status, body: fields.body });
  return undefined;
}

async function json(request: Request): Promise<unknown> {
  return await request.json().catch(() => undefined);
}

function error(status: number, message: string): Response {
  return Response.json({ error: [message] }, { status });
}
