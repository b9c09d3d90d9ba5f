import { plainInstant } from "../format.ts";
import { type Html, html } from "../html.ts";
import { stateIcon } from "./icon.ts";
import type { PublicIncident, PublicPage } from "./views.ts";
import { stageWords, stateWords, summaryWords } from "./words.ts";

/** The page, without a script. `base` is where its other files are: empty beside it, else ending with a slash. */
export function statusHtml(page: PublicPage, base: string): string {
  const { title, homepage, at, state, components, incidents } = page;
  const current = incidents.filter(({ stage }) => stage !== "resolved");
  const past = incidents.filter(({ stage }) => stage === "resolved");
  const heading = homepage === undefined ? html`${title}` : html`<a href="${homepage}">${title}</a>`;
  const body = html`<header><h1>${heading} <span>status</span></h1></header>
<main><section class="summary ${state}"><h2><i class="dot" aria-hidden="true"></i>${summaryWords[state]}</h2>
<p>as of <time datetime="${at}">${plainInstant(at)} UTC</time></p></section>
${current.map((incident) => incidentHtml(incident))}
<section aria-labelledby="services"><h2 id="services">Services</h2><ul class="components">${components.map(
    ({ name, state: one }) =>
      html`<li class="${one}"><span>${name}</span><span class="state"><i class="dot" aria-hidden="true"></i>${stateWords[one]}</span></li>`,
  )}</ul></section>
<section aria-labelledby="past"><h2 id="past">Past incidents</h2>${past.length === 0 ? html`<p class="none">None so far.</p>` : past.map((incident) => incidentHtml(incident))}</section></main>
<footer><p>All times are UTC. This page renews itself every minute. <a href="${base}atom.xml">Atom feed</a> · <a href="${base}status.json">JSON</a></p></footer>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="60"><title>${summaryWords[state]} · ${title} status</title><link rel="icon" href="${stateIcon(state)}"><link rel="stylesheet" href="${base}status.css"><link rel="alternate" type="application/atom+xml" title="${title} status" href="${base}atom.xml"></head><body>
${body}
</body></html>
`.markup;
}

function incidentHtml({ id, title, stage, startedAt, updates }: PublicIncident): Html {
  const day = startedAt.slice(0, 10);
  return html`<article class="incident ${stage}" id="i${id}"><h3>${title}</h3>
<p class="began">${stage === "resolved" ? "Began" : "Since"} <time datetime="${startedAt}">${plainInstant(startedAt).slice(0, 16)} UTC</time></p>
<ol>${updates.map(
    ({ stage: one, at, text }) =>
      html`<li class="${one}"><h4>${stageWords[one]} <time datetime="${at}">${timeHtml(at, day)}</time></h4><p>${text}</p></li>`,
  )}</ol></article>`;
}

/** The day only where it is another one than that on which it began. */
function timeHtml(at: string, day: string): string {
  const text = plainInstant(at).slice(0, 16);
  return `${text.startsWith(day) ? text.slice(11) : text} UTC`;
}
