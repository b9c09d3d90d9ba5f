import type { Destination } from "../deliveries/port.ts";
import { AppError } from "../errors.ts";
import { clip, instant } from "../format.ts";
import { incidentKey } from "./decide-pages.ts";
import type { PagerNotes, PagerPort } from "./port.ts";

interface Note {
  /** Of the page of its incident. */
  key: string;
  text: string;
}

const LONGEST_NOTE = 2_000;

/** How a note of ours ends on the other side, where it is known again by it. */
function endingOf(marker: string): string {
  return `(Muster ${marker})`;
}

export function isOurs(text: string, application: string): boolean {
  return text.trimEnd().endsWith(")") && text.includes(`(Muster ${application}/note/`);
}

/** People's notes as notes beside the page. Apart from the pages: these wait for nothing that only notes need. */
export function createNotesDestination(pager: PagerPort & { notes: PagerNotes }): Destination<Note> {
  return {
    id: `${pager.id}-notes`,
    name: `${pager.name} notes`,
    paceMs: pager.paceMs,
    messagesOf(event, state) {
      if (event.kind !== "note.added" || event.data.incidentId === undefined) return [];
      const { incidentId, noteId, text } = event.data;
      const said = `${clip(text, LONGEST_NOTE)}\n${event.actor}, ${instant(event.at)}`;
      const body = { key: incidentKey(state, { incidentId }), text: said };
      return [{ what: `note ${noteId} of ${incidentId}`, incidentId, quiet: true, body }];
    },
    async send({ body }, { marker, late, signal }) {
      const id = await pager.notes.add(body.key, `${body.text} ${endingOf(marker)}`, signal);
      // The page may still be on its way there; one that never came has no place for notes.
      if (id === undefined && !late) throw notThereYet(pager.name);
      return id;
    },
    find: (marker, { message, signal }) => pager.notes.find(message.body.key, endingOf(marker), signal),
  };
}

function notThereYet(name: string): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `${name} does not show the page of this note yet.`,
    hint: "It is tried again for a minute; without a page there is no place for a note.",
    retryable: true,
  });
}
