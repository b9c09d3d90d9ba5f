import { eventCard } from "../../cards/event.ts";
import type { Core } from "../../core.ts";
import { AppError } from "../../errors.ts";
import type { Html } from "../../html.ts";
import { messagePage } from "./page.ts";

/** The page of one event, where citations lead. Throws AppError `not-found`. */
export async function eventPage(core: Core, text: string): Promise<Html> {
  const seq = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  const [event] = seq > 0 ? await core.journal.query({ after: seq - 1, limit: 1 }) : [];
  if (event?.seq === seq) return messagePage(eventCard(event, await core.state()));
  throw new AppError({
    code: "not-found",
    summary: `The journal of ${core.plan.application} has no event #${text.slice(0, 20)}.`,
    hint: 'Its events are numbered from 1; "journal" lists the latest.',
  });
}
