import type { StatusView } from "../../cards/status-view.ts";
import { count, elapsed } from "../../format.ts";
import { type Html, html } from "../../html.ts";
import { ICONS } from "./card-html.ts";
import type { Message } from "./channel.ts";

/** On a phone there is room for no more. */
const MOST = 3;

/**
 * The questions that wait for people, a line each, where no news push them out of sight. Nobody decides here: the
 * line leads to the card, which says what is decided on.
 */
export function questionsHtml({ pending, at }: StatusView, messages: readonly Message[]): Html {
  const lines = pending.slice(0, MOST).map(({ approvalId, expiresAt }) => {
    const content = messages.find(({ id }) => id === approvalId)?.content;
    const card = content?.kind === "card" ? content.card : undefined;
    const mine = (card?.buttons ?? []).length > 0;
    const link = card
      ? html`<a class="${mine ? "button primary" : "button"}" href="#${approvalId}">${mine ? "Look and decide" : "Look"}</a>`
      : html`<code>approve ${approvalId}</code>`;
    return html`<li><span class="icon" aria-hidden="true">${ICONS.waiting}</span><span class="question">${card?.title ?? approvalId} <small>expires in ${elapsed(at, expiresAt)}</small></span>${link}</li>`;
  });
  const more = pending.length - lines.length;
  return html`${lines}${more > 0 && html`<li><small>${count(more, "question")} more</small></li>`}`;
}
