import { SCRIPT, STYLE } from "../slack/page-assets.ts";
import { escapeHtml } from "../slack/render.ts";
import { cardHtml } from "./render.ts";
import { CHANNEL, type TeamsMessage, type TeamsState } from "./state.ts";

/** The page of the fake tenant: the channel and the chat with the bot, as one person sees them. */
const SHOWN_MESSAGES = 200;

export interface PageOptions {
  state: TeamsState;
  /** Whose eyes. */
  as: string;
  /** A card as this person sees it. */
  cardOf(message: TeamsMessage): Record<string, unknown> | undefined;
  /** What a message's action has opened. */
  dialog?: Record<string, unknown> | undefined;
}

export function pageHtml(options: PageOptions): string {
  const { state, as, dialog } = options;
  const people = state.people.map(({ name }) =>
    name === as ? `<b>${escapeHtml(name)}</b>` : `<a href="/?as=${encodeURIComponent(name)}">${escapeHtml(name)}</a>`,
  );
  const composer = (where: string, hint: string) =>
    form("say", as, `${hidden("to", where)}<input name="text" placeholder="${hint}"><button>Send</button>`, "composer");
  const opened = dialog
    ? `<div class="shade"><div class="dialog">${cardHtml(dialog, () => "")}${form("close", as, "<button>Close</button>")}</div></div>`
    : "";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>Incidents · Teams emulator</title><style>${STYLE} header { background: #464775; }</style></head><body>
<header><span>Teams emulator of the lab</span><nav>You are: ${people.join(" ")}</nav></header>
<div id="problem"></div>
<main><section><h2>Incidents</h2><div id="channel">${channelHtml(options)}</div>
${composer("channel", "A message, or @Muster status")}</section>
<aside><h2>Your chat with Muster</h2><div id="direct">${directHtml(options)}</div>
${composer("personal", "status, failover, help")}<div id="home"></div></aside></main>
<div id="form">${opened}</div><script>${SCRIPT}</script></body></html>`;
}

function channelHtml(options: PageOptions): string {
  const all = options.state.messages.filter(({ conversation }) => conversation === CHANNEL);
  const heads = all.filter(({ id, root }) => id === root).slice(-SHOWN_MESSAGES);
  return heads
    .map((head) => {
      const replies = all.filter(({ id, root }) => root === head.id && id !== root);
      const thread = replies.map((one) => messageHtml(options, one)).join("\n");
      const many = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
      const below =
        replies.length === 0 ? "" : `<details class="thread" open><summary>${many}</summary>${thread}</details>`;
      return messageHtml(options, head) + below;
    })
    .join("\n");
}

function directHtml(options: PageOptions): string {
  const { state, as } = options;
  const own = state.messages.filter(({ conversation }) => conversation === state.personal.get(as));
  return own
    .slice(-SHOWN_MESSAGES)
    .map((one) => messageHtml(options, one))
    .join("\n");
}

function messageHtml({ state, as, cardOf }: PageOptions, message: TeamsMessage): string {
  const { id, from, text, edits, conversation } = message;
  const author = state.people.find(({ userId }) => userId === from)?.name;
  const card = cardOf(message);
  const press = (title: string, style: string, fields: string) =>
    form(
      "press",
      as,
      `${hidden("id", id)}${hidden("title", title)}${fields}<button class="${style}">${escapeHtml(title)}</button>`,
    );
  const body = card
    ? cardHtml(card, press)
    : `<p>${escapeHtml(text.replaceAll(/<\/?at>/g, "@").replace("Muster@", "Muster"))}</p>`;
  const menu =
    conversation === CHANNEL && author
      ? ["pin", "unpin"]
          .map((what) =>
            form(
              what,
              as,
              `${hidden("id", id)}<button class="pin">${what === "pin" ? "📌 Add to timeline" : "Take off"}</button>`,
            ),
          )
          .join("")
      : "";
  return `<article class="${author ? "person" : "muster"}"><div class="who"><b>${escapeHtml(author ?? "Muster")}</b>
${new Date(Number(id)).toLocaleTimeString()}${edits > 0 ? " (edited)" : ""} ${menu}</div>${body}</article>`;
}

function form(action: string, as: string, inner: string, name = ""): string {
  return `<form method="post" action="/${action}" class="${name}">${hidden("as", as)}${inner}</form>`;
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}
