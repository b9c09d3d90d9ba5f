import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { commandHelp } from "../cards/help.ts";
import { importedCard } from "../cards/plain.ts";
import { runsNewestFirst } from "../cards/status-view.ts";
import type { Answer } from "../commands/dispatch.ts";
import { checkInput, findCommand } from "../commands/parse.ts";
import { toJson, wireEvent } from "../commands/wire.ts";
import type { Caller } from "../core.ts";
import { AppError, reportError } from "../errors.ts";
import { own } from "../own.ts";
import { hasRole } from "../people/roles.ts";
import { json, readJson } from "./answers.ts";
import { journalBackup } from "./backup.ts";
import { journalFeed } from "./feed.ts";
import { notAuthenticated } from "./guard.ts";
import { createIdempotency, type StoredAnswer } from "./idempotency.ts";
import { openApi, slug } from "./openapi.ts";
import type { HttpContext, HttpEnv } from "./options.ts";
import { httpStatus } from "./status-codes.ts";

const LIST_LIMIT = 200;

/** `/api/v1`: commands write, everything else reads. */
export function createApi(http: HttpContext): Hono<HttpEnv> {
  const { commands, dispatcher } = http;
  const api = new Hono<HttpEnv>();
  const idempotent = createIdempotency();
  api.get("/openapi.json", (c) => json(c, openApi(commands)));
  api.use(async (c, next) => {
    callerOf(c);
    await next();
  });

  api.post("/commands/:name", async (c) => {
    const body = await readJson(c);
    return once(c, idempotent, body, () => dispatcher.call(c.req.param("name"), body, callerOf(c)));
  });
  api.post("/text", async (c) => {
    const body = await readJson(c);
    const text = (body as { text?: unknown } | null)?.text;
    if (typeof text !== "string") {
      throw new AppError({ code: "bad-input", summary: "text is missing.", hint: 'Send {"text": "status"}.' });
    }
    return once(c, idempotent, body, () => dispatcher.text(text, callerOf(c)));
  });
  views(api, http);
  return api;
}

function views(api: Hono<HttpEnv>, http: HttpContext): void {
  const { core, commands } = http;
  api.get("/state", async (c) => {
    // Tokens and accounts are their owners' business; the audit trail of them is in the journal.
    const { people: _, landmarks: __, ...state } = await core.state();
    return json(c, state);
  });
  api.get("/runs", async (c) => json(c, runsNewestFirst(await core.state()).slice(0, LIST_LIMIT)));
  api.get("/runs/:id", async (c) => json(c, await core.runs.why(c.req.param("id"))));
  api.get("/incidents", async (c) =>
    json(
      c,
      newest(Object.values((await core.state()).incidents), ({ openedAt }) => openedAt),
    ),
  );
  api.get("/incidents/:id", async (c) => {
    const id = c.req.param("id");
    const incident = own((await core.state()).incidents, id);
    if (incident) return json(c, incident);
    const hint = "GET /api/v1/incidents lists them.";
    throw new AppError({ code: "unknown-incident", summary: `There is no incident "${id.slice(0, 60)}".`, hint });
  });
  api.get("/approvals", async (c) =>
    json(
      c,
      newest(Object.values((await core.state()).approvals), ({ requestedAt }) => requestedAt),
    ),
  );
  api.get("/readiness", async (c) => json(c, Object.values((await core.state()).readiness)));
  api.get("/journal", async (c) => {
    const { command } = findCommand(commands, ["journal"]);
    const query = checkInput(command, numbers(c.req.query(), ["after", "limit"]));
    return json(c, (await core.journal.query(query as object)).map(wireEvent));
  });
  api.get("/backup", (c) => journalBackup(c, http));
  api.get("/commands", (c) =>
    json(
      c,
      commands.map((command) => ({ ...commandHelp(command), path: `/api/v1/commands/${slug(command.name)}` })),
    ),
  );
  api.get("/events", (c) => journalFeed(c, http));
}

/** The journal of a local run, whole, as lines of JSON: too large for a command. */
export async function importOffline(c: Context<HttpEnv>, { core }: HttpContext): Promise<Response> {
  const caller = callerOf(c);
  if (!hasRole(caller, "commander")) {
    const summary = `Importing a local run needs the role commander; ${caller.principal} has not.`;
    throw new AppError({ code: "not-allowed", summary, hint: "Ask a commander." });
  }
  const data = await core.importOffline(await c.req.text(), caller);
  return json(c, { command: "import", data, card: importedCard(data) });
}

export function callerOf(c: Context<HttpEnv>): Caller {
  const caller = c.get("caller");
  if (!caller) throw notAuthenticated("Nobody is signed in with this request.");
  return caller;
}

/** Runs a command and answers; under an Idempotency-Key at most once. */
async function once(
  c: Context<HttpEnv>,
  idempotent: ReturnType<typeof createIdempotency>,
  body: unknown,
  call: () => Promise<Answer>,
): Promise<Response> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return json(c, wireAnswer(await call()));
  if (key === "" || key.length > 200) {
    throw new AppError({
      code: "bad-input",
      summary: "Idempotency-Key must have 1 to 200 characters.",
      hint: "A UUID does.",
    });
  }
  const request = createHash("sha256")
    .update(`${c.req.path}\n${toJson(body)}`)
    .digest("hex");
  let own: StoredAnswer | undefined;
  const kept = await idempotent(`${callerOf(c).principal}\n${key}`, request, async () => {
    const { answer, secret } = await storable(c, call);
    own = answer;
    return secret ? shownOnce(c) : answer;
  });
  const stored = own ?? kept;
  return c.body(stored.body, stored.status as 200, { "content-type": "application/json; charset=utf-8" });
}

async function storable(
  c: Context<HttpEnv>,
  call: () => Promise<Answer>,
): Promise<{ answer: StoredAnswer; secret: boolean }> {
  try {
    const done = await call();
    return { answer: { status: 200, body: toJson(wireAnswer(done)) }, secret: done.command.secret === true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { answer: refusal(c, error), secret: false };
  }
}

function refusal(c: Context<HttpEnv>, error: AppError): StoredAnswer {
  const body = toJson({ ...reportError(error), requestId: c.get("requestId") });
  return { status: httpStatus(error.code), body };
}

/** What a repeat is told in place of a secret, which is kept nowhere. */
function shownOnce(c: Context<HttpEnv>): StoredAnswer {
  const summary = "This was done already; its answer held a secret, and is not kept.";
  const hint = "If that answer never arrived: revoke what was made (`token list`), and ask again under a new key.";
  return refusal(c, new AppError({ code: "wrong-state", summary, hint }));
}

function wireAnswer({ command, data, card }: Answer): object {
  const isEvents = command.name === "journal" && Array.isArray(data);
  return { command: command.name, data: isEvents ? data.map(wireEvent) : data, card };
}

function newest<T>(list: T[], at: (item: T) => string): T[] {
  return list.sort((one, other) => at(other).localeCompare(at(one))).slice(0, LIST_LIMIT);
}

/** Query strings hold text only; a number that is none is left as it is, so that the schema refuses it by name. */
function numbers(query: Record<string, string>, names: string[]): Record<string, unknown> {
  const entries = Object.entries(query).map(([name, value]) => [
    name,
    names.includes(name) && /^\d{1,15}$/.test(value) ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
