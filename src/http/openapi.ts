import { z } from "zod";
import type { Command } from "../commands/command.ts";
import { usageOf } from "../commands/fields.ts";

const JSON_BODY = "application/json";

/** Made from the registry at each request, so that it cannot say anything else than what the server does. */
export function openApi(commands: readonly Command[]): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Muster",
      version: "1",
      description: "Every write is a command; everything else reads. All times are UTC, all durations milliseconds.",
    },
    security: [{ bearer: [] }],
    paths: { ...commandPaths(commands), ...textPath(), ...importPath(), ...viewPaths(), ...openPaths() },
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Error: ERROR, Answer: ANSWER },
      responses: {
        Error: {
          description: "What was refused and what to do next",
          content: { [JSON_BODY]: { schema: ref("Error") } },
        },
      },
    },
  };
}

const ERROR = {
  type: "object",
  required: ["code", "summary", "hint", "retryable", "requestId"],
  properties: {
    code: { type: "string", description: "What programs match" },
    summary: { type: "string" },
    hint: { type: "string", description: "What to do next" },
    retryable: { type: "boolean" },
    requestId: { type: "string" },
  },
};

const ANSWER = {
  type: "object",
  required: ["command", "data", "card"],
  properties: {
    command: { type: "string" },
    data: { description: "What `dr --json` prints" },
    card: { type: "object", description: "How people see it" },
  },
};

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function answers(schema: object) {
  return {
    200: { description: "Done", content: { [JSON_BODY]: { schema } } },
    default: { $ref: "#/components/responses/Error" },
  };
}

const IDEMPOTENCY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", maxLength: 200 },
  description: "A repeat within 10 minutes by the same principal gets the first answer",
};

function commandPaths(commands: readonly Command[]): Record<string, object> {
  const entries = commands.map((command): [string, object] => {
    const { $schema: _, ...schema } = z.toJSONSchema(command.input, { io: "input" }) as Record<string, unknown>;
    const post = {
      operationId: slug(command.name),
      summary: command.summary,
      description: `\`dr ${usageOf(command)}\`. Needs the role ${command.role}.`,
      tags: [command.readOnly ? "questions" : "actions"],
      parameters: command.readOnly ? [] : [IDEMPOTENCY],
      requestBody: { content: { [JSON_BODY]: { schema } } },
      responses: answers(ref("Answer")),
    };
    return [`/api/v1/commands/${slug(command.name)}`, { post }];
  });
  return Object.fromEntries(entries);
}

function textPath(): Record<string, object> {
  const schema = { type: "object", required: ["text"], properties: { text: { type: "string", maxLength: 4000 } } };
  const post = {
    operationId: "text",
    summary: "A command as one types it in a chat",
    parameters: [IDEMPOTENCY],
    requestBody: { content: { [JSON_BODY]: { schema } } },
    responses: answers(ref("Answer")),
  };
  return { "/api/v1/text": { post } };
}

function importPath(): Record<string, object> {
  const post = {
    operationId: "import",
    summary: "Takes in the journal of a local run, a line for each event; needs the role commander",
    requestBody: { content: { "application/x-ndjson": { schema: { type: "string" } } } },
    responses: answers(ref("Answer")),
  };
  return { "/api/v1/offline-journals": { post } };
}

const VIEWS: [path: string, summary: string][] = [
  ["/api/v1/state", "Everything that the journal says, folded"],
  ["/api/v1/runs", "Runs, newest first"],
  ["/api/v1/runs/{id}", "One run and what it waits for"],
  ["/api/v1/incidents", "Incidents, newest first"],
  ["/api/v1/incidents/{id}", "One incident"],
  ["/api/v1/approvals", "Approvals, newest first"],
  ["/api/v1/readiness", "The latest assessment of each runbook"],
  ["/api/v1/journal", "Events; run, kind, after and limit in the query"],
  ["/api/v1/backup", "The whole journal, a line for each event (application/x-ndjson); needs the role operator"],
  ["/api/v1/commands", "The commands with their usage and roles"],
  ["/api/v1/events", "Events as they come (server-sent), from Last-Event-ID or ?after= on"],
];

function viewPaths(): Record<string, object> {
  const entries = VIEWS.map(([path, summary]): [string, object] => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
    return [path, { get: { summary, tags: ["views"], parameters, responses: answers({}) } }];
  });
  return Object.fromEntries(entries);
}

function openPaths(): Record<string, object> {
  const open = (summary: string) => ({ get: { summary, security: [], responses: answers({}) } });
  return {
    "/healthz": open("Is the process there?"),
    "/readyz": { get: readyGet() },
    "/metrics": open("Figures for Prometheus"),
    "/api/v1/openapi.json": open("This document"),
  };
}

function readyGet() {
  const content = (schema: object) => ({ [JSON_BODY]: { schema } });
  const flag = (value: boolean) => ({ const: value });
  const ready = { type: "object", required: ["ready"], properties: { ready: flag(true) } };
  const reason = { type: "string", description: "One word: store-slow, store-unavailable, store-diverged, or a code" };
  const not = { type: "object", required: ["ready", "reason"], properties: { ready: flag(false), reason } };
  return {
    summary: "Can it read and write its journal?",
    security: [],
    responses: {
      200: { description: "It can", content: content(ready) },
      503: { description: "It cannot", content: content(not) },
    },
  };
}

export function slug(name: string): string {
  return name.replaceAll(" ", "-");
}
