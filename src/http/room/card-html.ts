import type { Card, CardButton } from "../../cards/card.ts";
import { type Html, html } from "../../html.ts";

export const ICONS: Record<Card["status"], string> = {
  ok: "✓",
  info: "ℹ",
  waiting: "?",
  warning: "⚠",
  danger: "✗",
  muted: "·",
};

const LONG_TEXT = 1_200;

export interface CardOptions {
  /** Unique in the page: buttons get ids from it, so that focus survives an update. */
  id: string;
  /** Past its use: only the title is seen until it is opened. */
  folded?: boolean;
}

export function cardHtml(card: Card, { id, folded = false }: CardOptions): Html {
  const body = html`${factsHtml(card)}${linksHtml(card)}${progressHtml(card)}${(card.text ?? []).map(textHtml)}${tableHtml(card)}${citationsHtml(card)}${buttonsHtml(card.buttons ?? [], id)}${contextHtml(card)}`;
  const title = html`<span class="icon" aria-hidden="true">${ICONS[card.status]}</span> ${card.title}`;
  if (folded)
    return html`<details class="card ${card.status}" id="${id}-card"><summary>${title}</summary>${body}</details>`;
  return html`<article class="card ${card.status}"><h3>${title}</h3>${body}</article>`;
}

function factsHtml({ facts = [] }: Card): Html | false {
  if (facts.length === 0) return false;
  return html`<dl>${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The page that is opened learns nothing of this one. */
export function linksHtml({ links = [] }: Pick<Card, "links">): Html | false {
  const each = links.map(({ label, url }) => {
    return html`<p class="link">${label}: <a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a></p>`;
  });
  return links.length > 0 && html`${each}`;
}

function progressHtml({ progress }: Card): Html | false {
  if (!progress) return false;
  return html`<div class="progress"><progress max="${progress.total}" value="${progress.done}" aria-label="${progress.label}"></progress><span>${progress.label}</span></div>`;
}

function textHtml(text: string): Html {
  const long = text.length > LONG_TEXT;
  return long ? html`<details open><summary>Text</summary><pre>${text}</pre></details>` : html`<p>${text}</p>`;
}

function tableHtml({ table }: Card): Html | false {
  if (!table || table.rows.length === 0) return false;
  const head = table.columns.map((column) => html`<th scope="col">${column}</th>`);
  const rows = table.rows.map((cells) => {
    return html`<tr class="${rowTone(cells)}">${cells.map((cell, index) => html`<td class="${cell.length <= 22 ? "short" : ""}" data-label="${table.columns[index]}">${cell}</td>`)}</tr>`;
  });
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The state's sign, which cards write as words and a mark, gives the row its colour. */
function rowTone(cells: string[]): string {
  const mark = cells.find((cell) => /^[✓✗▶↻!?○–] /u.test(cell))?.[0] ?? "";
  return (
    {
      "✓": "ok",
      "✗": "danger",
      "▶": "running",
      "↻": "warning",
      "!": "warning",
      "?": "warning",
      "○": "muted",
      "–": "muted",
    }[mark] ?? ""
  );
}

function buttonsHtml(buttons: CardButton[], id: string): Html | false {
  if (buttons.length === 0) return false;
  return html`<div class="buttons">${buttons.map((button, index) => buttonHtml(button, `${id}-b${index}`))}</div>`;
}

/** A form, so that it works without script too; the script only asks in a dialog instead of on a page. */
function buttonHtml({ label, style, command, input, confirm, ask }: CardButton, id: string): Html {
  return html`<form method="post" action="/press" class="press" data-label="${label}" data-style="${style}" data-confirm="${confirm}" data-ask="${ask?.label}" data-ask-field="${ask?.field}">
<input type="hidden" name="label" value="${label}"><input type="hidden" name="command" value="${command}"><input type="hidden" name="input" value="${JSON.stringify(input)}"><input type="hidden" name="confirm" value="${confirm}"><input type="hidden" name="askField" value="${ask?.field}"><input type="hidden" name="askLabel" value="${ask?.label}">
<button id="${id}" class="${style}">${label}</button></form>`;
}

/** Every sentence can be traced: to the page of the event that it rests on. */
function citationsHtml({ citations = [] }: Card): Html | false {
  if (citations.length === 0) return false;
  const links = citations.map(({ label, event }) => html` <a href="/events/${event}">${label}</a>`);
  return html`<p class="citations">Rests on:${links}</p>`;
}

function contextHtml({ context = [] }: Card): Html | false {
  return context.length > 0 && html`<p class="context">${context.join(" · ")}</p>`;
}
