/**
 * A PagerDuty account that keeps state, validates what it is sent and refuses what the documents say it refuses:
 * Events API v2, the REST API as far as on-call, incidents and notes go, and webhooks v3 with signatures. `events` and
 * `rest` are spoken to over servers that the caller makes; the client asks for https where it sends events.
 */
export interface FakePagerDuty {
  routingKey: string;
  apiToken: string;
  /** A read-only token, as people make by mistake. */
  readOnlyToken: string;
  users: { id: string; name: string; email: string }[];
  incidents: FakePageIncident[];
  onCalls: FakeOnCall[];
  policies: { id: string; name: string }[];
  schedules: { id: string; name: string }[];
  /** What was asked for, in order: `trigger <key>`, `GET /oncalls`. */
  requests: string[];
  /** Who was woken: each line is one notification. */
  notified: { at: number; level: number; title: string; key: string }[];
  /** Answered instead of doing anything. */
  failing: { events?: Failure; rest?: Failure };
  /** Says that it took an event, and does nothing with it. */
  lying: boolean;
  /** Called when an event has taken effect, before it is answered. */
  beforeAnswer: ((what: string) => Promise<void>) | undefined;
  /** Where incidents are told of, when people (or events) change them. */
  webhook: { url: string; secrets: string[] } | undefined;
  deliveries: { body: string; status: number }[];
  events(request: Request): Promise<Response>;
  rest(request: Request): Promise<Response>;
  /** What a person does in the app; the webhook is told of it. */
  person: {
    acknowledge(incidentId: string, userId: string): Promise<void>;
    resolve(incidentId: string, userId: string): Promise<void>;
    note(incidentId: string, userId: string, content: string): Promise<void>;
  };
  /** Sends the last delivery again, as after an answer that came too late. */
  redeliver(): Promise<void>;
}

export interface Failure {
  status: number | "hang";
  retryAfter?: string;
}

export interface FakeOnCall {
  policy: string;
  schedule?: string;
  level: number;
  user: string;
  end?: string;
}

export interface FakePageIncident {
  id: string;
  number: number;
  key: string;
  title: string;
  status: "triggered" | "acknowledged" | "resolved";
  severity: string;
  level: number;
  details: Record<string, unknown>;
  links: { href: string; text?: string | undefined }[];
  notes: { id: string; content: string; user: string }[];
}
