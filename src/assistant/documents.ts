import { z } from "zod";
import type { DraftedDocument } from "../reports/events.ts";
import { Claim, type ClaimKind } from "./claims.ts";

/** What a model may write where. Tables, figures and lists that follow by rule stay code's. */
export interface Section {
  id: string;
  /** What belongs there, for the prompt. */
  about: string;
  kinds: readonly ClaimKind[];
}

export const sections: Record<DraftedDocument, readonly Section[]> = {
  "status-report": [
    {
      id: "summary",
      about: "What has happened so far, in the order of time, for people who join now.",
      kinds: ["fact"],
    },
    { id: "next-steps", about: "What people should look at or do next.", kinds: ["action"] },
  ],
  postmortem: [
    { id: "summary", about: "What happened, in the order of time.", kinds: ["fact"] },
    { id: "root-cause", about: "What may have caused it, and how that could be found out.", kinds: ["hypothesis"] },
    { id: "went-well", about: "What went well: decisions, detection, steps.", kinds: ["fact"] },
    {
      id: "went-wrong",
      about: "What went wrong or was slow, about the system and never about people.",
      kinds: ["fact"],
    },
    { id: "action-items", about: "What would make it less likely or shorter.", kinds: ["action"] },
  ],
};

export function draftSchema(document: DraftedDocument): z.ZodType<{ claims: Claim[] }> {
  const ids = sections[document].map(({ id }) => id) as [string, ...string[]];
  const One = Claim.extend({ section: z.enum(ids).describe("The section of the document that it belongs to") });
  return z.strictObject({ claims: z.array(One).describe("In the order in which they are read") });
}
