import { Feed } from "feed";
import { escapeHtml } from "../html.ts";
import type { PublicPage } from "./views.ts";
import { stageWords } from "./words.ts";

/** An entry for each update, so that readers are told of every one; the newest first. */
export function statusAtom({ title, homepage, incidents }: PublicPage): string {
  const updates = incidents
    .flatMap((incident) => incident.updates.map((update) => ({ ...update, incident })))
    .toSorted((one, other) => other.at.localeCompare(one.at));
  const feed = new Feed({
    id: `urn:muster:${slugOf(title)}`,
    title: `${title} status`,
    copyright: "",
    // Nothing but updates changes the feed: a reader that asks again is told that it knows all.
    updated: new Date(updates[0]?.at ?? 0),
    ...(homepage !== undefined && { link: homepage }),
  });
  for (const { id, stage, at, text, incident } of updates) {
    const moment = new Date(at);
    const urn = `urn:muster:${slugOf(title)}:${id}`;
    feed.addItem({
      id: urn,
      // The package declares both as HTML.
      title: escapeHtml(`${stageWords[stage]}: ${incident.title}`),
      // The text is all there is; a feed does not know where the page lies.
      link: homepage ?? urn,
      date: moment,
      published: moment,
      description: escapeHtml(text),
    });
  }
  return feed.atom1();
}

function slugOf(title: string): string {
  return encodeURIComponent(title.toLowerCase().replace(/\s+/g, "-"));
}
