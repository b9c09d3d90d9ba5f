import { z } from "zod";
import { ActionType, Priority } from "./events.ts";
import { Instant, Refs } from "./schema-values.ts";

/** A sentence with the events that it rests on. */
export const Statement = z.object({ text: z.string(), refs: Refs });

export const ActionItem = Statement.extend({ type: ActionType, priority: Priority });

export const Line = z.object({
  seq: z.number().int(),
  at: Instant,
  text: z.string(),
  omittedBefore: z.number().int().exactOptional(),
});

export const VersionFacts = z.object({
  number: z.number().int().min(1),
  /** The version before, and what has happened since; absent in the first. */
  since: z
    .object({ number: z.number().int(), at: Instant, asOfSeq: z.number().int(), lines: z.array(Line) })
    .exactOptional(),
});

export type Statement = z.infer<typeof Statement>;
export type ActionItem = z.infer<typeof ActionItem>;
export type VersionFacts = z.infer<typeof VersionFacts>;
