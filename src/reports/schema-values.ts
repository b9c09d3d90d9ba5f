import { z } from "zod";

export const Instant = z.iso.datetime();
export const Ms = z.number().min(0);
/** The sequence numbers of the journal events that a statement rests on. */
export const Refs = z.array(z.number().int().positive());
