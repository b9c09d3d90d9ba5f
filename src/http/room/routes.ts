import { readFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Card } from "../../cards/card.ts";
import { errorCard } from "../../cards/plain.ts";
import { statusView } from "../../cards/status-view.ts";
import { storeLine } from "../../cards/store.ts";
import type { Answer } from "../../commands/dispatch.ts";
import { knownState } from "../../commands/known-state.ts";
import { nowIso } from "../../commands/run-view.ts";
import { shownAlone } from "../../commands/shown-alone.ts";
import type { Caller } from "../../core.ts";
import { AppError, reportError } from "../../errors.ts";
import { callerOf } from "../api.ts";
import {
  authenticate,
  cameByTls,
  notAuthenticated,
  SESSION_COOKIE,
  slowGuessing,
  sourceOf,
  turnAway,
} from "../guard.ts";
import type { HttpContext, HttpEnv } from "../options.ts";
import { SESSION_TTL_MS } from "../session.ts";
import { httpStatus } from "../status-codes.ts";
import { channelMessages } from "./channel.ts";
import { eventPage } from "./event-page.ts";
import { type Fragments, roomStream } from "./live.ts";
import { confirmPage, ephemeralHtml, messageHtml, messagePage, roomPage, signInPage } from "./page.ts";
import { questionsHtml } from "./questions.ts";
import { sideHtml } from "./side.ts";
import { createTail } from "./tail.ts";

const ICON = "icon.svg";
const STATIC: Record<string, string> = {
  "room.js": "text/javascript",
  "live.js": "text/javascript",
  "line.js": "text/javascript",
  "room.css": "text/css",
  [ICON]: "image/svg+xml",
};
/** An icon stays what it is; the other files go with the version of the server. */
const ICON_CACHE = "public, max-age=604800";
const SHOWN = 150;

/** The control room: pages for people, made on the server; a small script keeps them current. */
export function createRoom(http: HttpContext): Hono<HttpEnv> {
  const room = new Hono<HttpEnv>();
  const read = createReader(http);
  const answers = createAnswers();
  const { openSignIn, core } = http;
  const mayRead = (c: Context<HttpEnv>) => openSignIn || c.get("caller") !== undefined;

  room.get("/static/:name", (c) => staticFile(c, c.req.param("name")));
  // Where browsers look for one when a page names none, such as a view of the API.
  room.get("/favicon.ico", (c) => staticFile(c, ICON));
  room.get("/", async (c) => {
    if (!mayRead(c)) return c.html(signInPage(core.plan.application).markup, 401);
    const caller = c.get("caller");
    const { status, messages } = await read(caller);
    const { directory, commands } = http;
    const people = openSignIn ? directory.list() : [];
    return c.html(
      roomPage({ status, messages, caller, people, openSignIn, commands, answers: answers.take(caller) }).markup,
    );
  });
  room.get("/events/:seq", async (c) => {
    if (!mayRead(c)) throw notAuthenticated("Nobody is signed in.");
    return c.html((await eventPage(core, c.req.param("seq"))).markup);
  });
  room.get("/room/events", (c) => {
    if (!mayRead(c)) throw notAuthenticated("Nobody is signed in.");
    return roomStream(c, http, async (caller) => fragmentsOf(await read(caller)));
  });
  room.post("/session", (c) => signIn(c, http));
  room.post("/session/end", (c) => {
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return c.redirect("/", 303);
  });
  room.post("/say", async (c) => {
    const { text = "" } = await fields(c);
    return answer(c, answers, () => http.dispatcher.text(text, callerOf(c)));
  });
  room.post("/press", async (c) => {
    const form = await fields(c);
    const needsAsking = (form.confirm ?? "") !== "" || (form.askField ?? "") !== "";
    if (needsAsking && form.confirmed !== "yes") return c.html(confirmPage(form).markup);
    return answer(c, answers, () => http.dispatcher.call(form.command ?? "", pressedInput(form), callerOf(c)));
  });
  return room;
}

/** Everything that a page or an update shows, for one person at this moment. */
function createReader({ core }: HttpContext) {
  const tail = createTail(core);
  return async (caller: Caller | undefined) => {
    const known = await knownState(core);
    const isCurrent = known.store.state === "available";
    const events = isCurrent ? await tail.latest() : tail.known();
    const at = nowIso(core);
    const status = statusView(known, core.plan, at);
    const found = await Promise.all(isCurrent ? status.runs.map(({ runId }) => core.runs.why(runId)) : []);
    const waiting = found.flatMap((one) => one.waiting);
    const { state } = known;
    const messages = channelMessages(events, { state, waiting, at, caller });
    const asked = new Set(status.pending.map(({ approvalId }) => approvalId));
    // What waits for people stays, however much has happened since.
    return { status, messages: messages.filter(({ id }, index) => index >= messages.length - SHOWN || asked.has(id)) };
  };
}

type Reading = Awaited<ReturnType<ReturnType<typeof createReader>>>;

function fragmentsOf({ status, messages }: Reading): Fragments {
  return {
    side: sideHtml(status),
    store: storeLine(status.store, status.at) ?? "",
    questions: questionsHtml(status, messages),
    messages: messages.map((message) => ({ id: message.id, markup: messageHtml(message, status.at) })),
    ticking:
      status.store.state !== "available" ||
      status.runs.length > 0 ||
      status.services.some(({ available }) => available === false),
  };
}

async function signIn(c: Context<HttpEnv>, http: HttpContext): Promise<Response> {
  const { directory, sessions, openSignIn, core } = http;
  const { principal, token } = await fields(c);
  const named = openSignIn && principal ? directory.byId(principal) : undefined;
  const known = named ? { caller: named } : await authenticate(directory, token ?? "");
  if (known instanceof AppError) {
    slowGuessing(c, http);
    const failure = principal && openSignIn ? `Nobody is called "${principal.slice(0, 60)}".` : known.summary;
    if (wantsJson(c)) turnAway(c, notAuthenticated(failure));
    core.turnedAway(sourceOf(c), "not-authenticated");
    return c.html(signInPage(core.plan.application, failure).markup, 401);
  }
  const secure = cameByTls(c);
  const cookie = { path: "/", httpOnly: true, sameSite: "Strict", secure, maxAge: SESSION_TTL_MS / 1000 } as const;
  setCookie(
    c,
    SESSION_COOKIE,
    sessions.issue(known.caller.principal, "credential" in known ? known.credential : undefined),
    cookie,
  );
  return c.redirect("/", 303);
}

/** To the script as a fragment; to a plain form by going back to the page, which then shows it once. */
async function answer(
  c: Context<HttpEnv>,
  answers: ReturnType<typeof createAnswers>,
  call: () => Promise<Answer>,
): Promise<Response> {
  const { status, card, secret } = await outcomeOf(call);
  if (wantsJson(c)) {
    const id = `answer-${c.get("requestId")}`;
    return c.json({ ok: status === 200, html: card ? ephemeralHtml(card, id).markup : "" }, status);
  }
  const caller = c.get("caller");
  // An answer that is shown once waits for nobody's next page.
  if ((!caller || secret) && card) return c.html(messagePage(card).markup, status);
  if (card) answers.put(caller, card);
  return c.redirect("/", 303);
}

async function outcomeOf(call: () => Promise<Answer>) {
  try {
    const done = await call();
    const secret = done.command.secret === true;
    return { status: 200 as const, card: shownAlone(done) ? done.card : undefined, secret };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { status: httpStatus(error.code), card: errorCard(reportError(error)), secret: false };
  }
}

/** Answers to forms posted without script: shown once at the next page, a few per person. */
function createAnswers() {
  const byPerson = new Map<string, Card[]>();
  return {
    put: (caller: Caller | undefined, card: Card) => {
      const key = caller?.principal ?? "";
      byPerson.set(key, [...(byPerson.get(key) ?? []), card].slice(-3));
      const oldest = byPerson.keys().next();
      if (byPerson.size > 200 && !oldest.done) byPerson.delete(oldest.value);
    },
    take: (caller: Caller | undefined): Card[] => {
      const key = caller?.principal ?? "";
      const cards = byPerson.get(key) ?? [];
      byPerson.delete(key);
      return cards;
    },
  };
}

function pressedInput(form: Record<string, string>): unknown {
  const { input = "{}", askField, asked } = form;
  try {
    const fixed = JSON.parse(input) as Record<string, unknown>;
    return askField && asked !== undefined ? { ...fixed, [askField]: asked } : fixed;
  } catch (error) {
    const summary = "This button's form is damaged.";
    throw new AppError({ code: "bad-input", summary, hint: "Reload the page and press again.", cause: error });
  }
}

async function fields(c: Context<HttpEnv>): Promise<Record<string, string>> {
  const form = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(form).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function wantsJson(c: Context<HttpEnv>): boolean {
  return c.req.header("accept")?.includes("application/json") ?? false;
}

function staticFile(c: Context<HttpEnv>, name: string): Response {
  const type = Object.hasOwn(STATIC, name) ? STATIC[name] : undefined;
  if (!type) throw new AppError({ code: "not-found", summary: `There is no file ${name.slice(0, 60)}.` });
  const body = readFileSync(new URL(`../static/${name}`, import.meta.url), "utf8");
  return c.body(body, 200, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": name === ICON ? ICON_CACHE : "no-cache",
  });
}
