import { SCRIPT, STYLE } from "./page-assets.ts";
import { type ButtonHtml, blocksHtml, escapeHtml } from "./render.ts";
import { BOT_USER, CHANNEL, directChannel, type SlackMessage, type SlackState, userIdOf } from "./state.ts";

/** The page of the fake workspace: the channel as one person sees it, and what that person can do there. */
const SHOWN_MESSAGES = 200;

export interface PageOptions {
  state: SlackState;
  /** Whose eyes. */
  as: string;
  connected: boolean;
  /** What went wrong with the last thing that was done. */
  problem?: string;
}

export function pageHtml(options: PageOptions): string {
  const { state, as, connected, problem } = options;
  const people = [...state.users.keys()].map((name) =>
    name === as ? `<b>${escapeHtml(name)}</b>` : `<a href="/?as=${encodeURIComponent(name)}">${escapeHtml(name)}</a>`,
  );
  const status = problem ?? (connected ? "" : "Muster is not connected.");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>#incidents · Slack emulator</title><style>${STYLE}</style></head><body>
<header><span>Slack emulator of the lab</span><nav>You are: ${people.join(" ")}</nav></header>
<div id="problem">${escapeHtml(status)}</div>
<main><section><h2>#incidents</h2><div id="channel">${channelHtml(options)}</div>
${form("say", as, `<input name="text" autocomplete="off" placeholder="A message, or /dr status" required autofocus><button>Send</button>`, "composer")}
</section><aside><div class="tools">${form("home", as, "<button>Open Muster's home</button>")}
${form("shortcut", as, "<button>Shortcut: Disaster recovery</button>")}</div>
<div id="home">${homeHtml(options)}</div><div id="direct">${directHtml(options)}</div></aside></main>
<div id="form">${viewHtml(options)}</div><script>${SCRIPT}</script></body></html>`;
}

function channelHtml({ state, as }: PageOptions): string {
  const own = userIdOf(state, as);
  const open = state.messages.filter(({ channel }) => channel === CHANNEL);
  const heads = open.filter(({ thread_ts, ts }) => thread_ts === undefined || thread_ts === ts);
  const shown = [
    ...heads.map((message) => ({ ts: message.ts, html: () => threadHtml(state, as, message, open) })),
    ...state.private
      .filter(({ user }) => user === own)
      .map((one) => ({ ts: one.ts, html: () => messageHtml(state, as, one, "Only visible to you") })),
  ];
  const ordered = shown.toSorted((one, other) => number(one.ts) - number(other.ts)).slice(-SHOWN_MESSAGES);
  return ordered.map(({ html }) => html()).join("\n");
}

/** `1700000000.000012`: the part behind the point counts up whatever the second. */
function number(ts: string): number {
  return Number(ts.slice(ts.indexOf(".") + 1));
}

function threadHtml(state: SlackState, as: string, head: SlackMessage, all: SlackMessage[]): string {
  const replies = all.filter(({ thread_ts, ts }) => thread_ts === head.ts && ts !== head.ts);
  const answer = form(
    "say",
    as,
    `${hidden("thread", head.ts)}<input name="text" placeholder="Reply …"><button>Reply</button>`,
  );
  const many = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  const count = replies.length === 0 ? "Reply in a thread" : many;
  const thread = `<details class="thread"${replies.length > 0 ? " open" : ""}><summary>${count}</summary>
${replies.map((one) => messageHtml(state, as, one)).join("\n")}${answer}</details>`;
  return `${messageHtml(state, as, head)}${thread}`;
}

type Shown = Pick<SlackMessage, "ts" | "channel" | "user" | "text"> & Partial<SlackMessage>;

function messageHtml(state: SlackState, as: string, message: Shown, note?: string): string {
  const { ts, user, text, blocks = [], files = [], reactions, edits = 0 } = message;
  const byMuster = note !== undefined || user === BOT_USER;
  const author = byMuster ? "Muster" : nameOf(state, user);
  const at = new Date(Number(ts) * 1_000).toLocaleTimeString();
  const button: ButtonHtml = (one) => pressForm(as, ts, one);
  const body = blocks.length > 0 ? blocksHtml(blocks, button) : `<p>${escapeHtml(text)}</p>`;
  const links = files.map(
    ({ name }, index) => `<a class="file" href="/file/${ts}/${index}">📄 ${escapeHtml(name)}</a>`,
  );
  const pinned = reactions?.pushpin?.length ?? 0;
  const pin = note
    ? ""
    : form(
        "react",
        as,
        `${hidden("ts", ts)}<button class="pin" title="React">📌${pinned > 0 ? ` ${pinned}` : ""}</button>`,
      );
  return `<article class="${note ? "private" : byMuster ? "muster" : "person"}"><div class="who"><b>${escapeHtml(author)}</b>
${at}${edits > 0 ? " (edited)" : ""} ${note ? `<i>${note}</i>` : ""}${pin}</div>${body}${links.join(" ")}</article>`;
}

function nameOf(state: SlackState, user: string): string {
  return [...state.users].find(([, id]) => id === user)?.[0] ?? user;
}

function homeHtml({ state, as }: PageOptions): string {
  const view = state.homes.get(userIdOf(state, as));
  if (!view) return "";
  return `<h2>Muster's home</h2><article class="muster">${blocksHtml(view.blocks as unknown[], (one) => pressForm(as, "home", one))}</article>`;
}

function directHtml({ state, as }: PageOptions): string {
  const own = state.messages.filter(({ channel }) => channel === directChannel(userIdOf(state, as)));
  if (own.length === 0) return "";
  return `<h2>Direct messages</h2>${own.map((one) => messageHtml(state, as, one)).join("\n")}`;
}

/** The form that this person has open. */
function viewHtml({ state, as }: PageOptions): string {
  const open = [...state.views.values()].findLast(({ user }) => user === userIdOf(state, as));
  if (!open) return "";
  const { title, submit, blocks } = open.view as {
    title: { text: string };
    submit?: { text: string };
    blocks: unknown[];
  };
  const parts = blocks as { type: string }[];
  const inputs = parts.filter(({ type }) => type === "input");
  const rest = parts.filter(({ type }) => type !== "input");
  const send = submit
    ? form("submit", as, `${blocksHtml(inputs, () => "")}<button class="primary">${escapeHtml(submit.text)}</button>`)
    : "";
  return `<div class="shade"><div class="dialog"><h2>${escapeHtml(title.text)}</h2>${send}
${blocksHtml(rest, (one) => pressForm(as, "view", one))}${form("close", as, "<button>Close</button>")}</div></div>`;
}

function pressForm(as: string, place: string, { label, style = "", confirm }: Parameters<ButtonHtml>[0]): string {
  const asks = confirm === undefined ? "" : ` data-confirm="${escapeHtml(confirm)}"`;
  const fields = hidden("place", place) + hidden("label", label);
  return form("press", as, `${fields}<button class="${escapeHtml(style)}"${asks}>${escapeHtml(label)}</button>`);
}

function form(action: string, as: string, inner: string, name = ""): string {
  return `<form method="post" action="/${action}" class="${name}">${hidden("as", as)}${inner}</form>`;
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}
