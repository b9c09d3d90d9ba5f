import type { Card } from "../../cards/card.ts";
import type { StatusView } from "../../cards/status-view.ts";
import { storeLine } from "../../cards/store.ts";
import type { Command } from "../../commands/command.ts";
import { usageOf } from "../../commands/fields.ts";
import type { Caller } from "../../core.ts";
import { instant } from "../../format.ts";
import { type Html, html } from "../../html.ts";
import { cardHtml } from "./card-html.ts";
import type { Message } from "./channel.ts";
import { questionsHtml } from "./questions.ts";
import { sideHtml } from "./side.ts";

export interface RoomView {
  status: StatusView;
  messages: Message[];
  caller: Caller | undefined;
  people: Caller[];
  openSignIn: boolean;
  commands: readonly Command[];
  /** Answers that only this person sees. */
  answers: Card[];
}

export function roomPage(view: RoomView): Html {
  const { status, messages, caller, answers } = view;
  return layout(
    `#incidents · ${status.application}`,
    html`<header><h1><span class="brand">Muster</span> <span class="app">${status.application}</span></h1><nav><a href="#side">Now</a> <a href="#incidents">Channel</a></nav><p id="link" role="status" hidden></p>${storeHtml(status)}${whoHtml(view)}</header>
<main><section class="channel" aria-label="#incidents"><h2 class="channel-name" id="incidents">#incidents <small>times are UTC</small></h2>
<div id="messages" role="log" aria-live="polite" tabindex="0">${messages.map((message) => messageHtml(message, status.at))}${answers.map((card, index) => ephemeralHtml(card, `answer-${index}`))}</div>
<div class="foot"><button id="newer" type="button" hidden>New messages ↓</button><ul class="questions" id="questions" aria-label="Waiting for a decision">${questionsHtml(status, messages)}</ul>${composerHtml(view)}</div></section>
<aside id="side" aria-label="Now">${sideHtml(status)}</aside></main>
<dialog id="ask" aria-labelledby="ask-title"><form method="dialog"><h3 id="ask-title"></h3><p id="ask-confirm"></p><label id="ask-label" hidden><span></span><textarea id="ask-text" rows="3" maxlength="500"></textarea></label><menu><button value="cancel" formnovalidate>Cancel</button><button id="ask-yes" value="yes"></button></menu></form></dialog>
<p class="visually-hidden" id="me">${caller?.principal}</p>`,
  );
}

/** In the header, because nothing below it can be believed without it. */
function storeHtml({ store, at }: StatusView): Html {
  const text = storeLine(store, at);
  return text === undefined
    ? html`<p id="store" role="alert" hidden></p>`
    : html`<p id="store" role="alert">${text}</p>`;
}

export function messageHtml({ id, at, author, content }: Message, now: string): Html {
  const time = html`<time datetime="${at}">${instant(at, now).replace(" UTC", "")}</time>`;
  if (content.kind === "line") {
    return html`<div class="message line ${content.tone}" id="${id}">${time}<span class="author">${author}</span><span class="body">${content.text}</span></div>`;
  }
  if (content.kind === "note") {
    return html`<div class="message note" id="${id}">${time}<span class="author">${author}</span><span class="body">${content.text}</span></div>`;
  }
  return html`<div class="message with-card" id="${id}">${time}<span class="author">${author}</span><div class="body">${cardHtml(content.card, { id, folded: content.folded })}</div></div>`;
}

export function ephemeralHtml(card: Card, id: string): Html {
  return html`<div class="message ephemeral" id="${id}"><span class="author">Only you see this</span><div class="body">${cardHtml(card, { id })}</div></div>`;
}

function whoHtml({ caller, people, openSignIn }: RoomView): Html {
  const out = caller && html`<form method="post" action="/session/end"><button class="quiet">Sign out</button></form>`;
  if (!openSignIn) return html`<div class="who"><span>You are <strong>${caller?.principal}</strong></span>${out}</div>`;
  const options = people.map(({ principal, roles }) => {
    const top = roles.at(-1) ?? "no role";
    const label = principal.startsWith(top) ? principal : `${principal} (${top})`;
    return caller?.principal === principal
      ? html`<option value="${principal}" selected>${label}</option>`
      : html`<option value="${principal}">${label}</option>`;
  });
  const nobody = !caller && html`<option value="" selected disabled>nobody yet</option>`;
  return html`<div class="who"><form method="post" action="/session" id="who"><label>You are <select name="principal">${nobody}${options}</select></label><button class="quiet">Switch</button></form></div>`;
}

function composerHtml({ caller, commands }: RoomView): Html {
  if (!caller) return html`<p class="composer-off">Say who you are (top right) to type commands and press buttons.</p>`;
  const verbs = commands.map((command) => ({ name: command.name, usage: usageOf(command), summary: command.summary }));
  return html`<form id="composer" class="composer" method="post" action="/say" data-verbs="${JSON.stringify(verbs)}" autocomplete="off"><p id="hint" aria-live="polite"></p><div class="composer-line"><label class="visually-hidden" for="text">Command</label><input id="text" name="text" maxlength="4000" placeholder="/dr status — or help" required autocapitalize="off" spellcheck="false"><button class="primary">Send</button></div></form>`;
}

export function signInPage(application: string, failure?: string): Html {
  return layout(
    `Sign in · ${application}`,
    html`<main class="single"><h1><span class="brand">Muster</span> ${application}</h1>${failure && html`<p class="failure" role="alert">${failure}</p>`}
<form method="post" action="/session"><label>Your token <input name="token" type="password" required autofocus autocomplete="current-password"></label><button class="primary">Sign in</button></form>
<p class="context">Whoever runs this Muster gives out tokens. The command line works without this page: <code>MUSTER_TOKEN=… dr status</code></p></main>`,
  );
}

/** Asks before a button's command when there is no script to do so. */
export function confirmPage(fields: Record<string, string>): Html {
  const hidden = ["command", "input", "askField"].map(
    (name) => html`<input type="hidden" name="${name}" value="${fields[name] ?? ""}">`,
  );
  const ask =
    (fields.askField ?? "") !== "" &&
    html`<label>${fields.askLabel} <textarea name="asked" rows="3" maxlength="500" required></textarea></label>`;
  return layout(
    fields.label ?? "Confirm",
    html`<main class="single"><h1>${fields.label}</h1><p>${fields.confirm}</p><form method="post" action="/press">${hidden}<input type="hidden" name="confirmed" value="yes">${ask}<p><a href="/">Cancel</a> <button class="danger">${fields.label}</button></p></form></main>`,
  );
}

export function messagePage(card: Card): Html {
  return layout(
    card.title,
    html`<main class="single">${cardHtml(card, { id: "only" })}<p><a href="/">Back to #incidents</a></p></main>`,
  );
}

function layout(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/room.css"><script type="module" src="/static/room.js"></script></head><body>${body}</body></html>`;
}
