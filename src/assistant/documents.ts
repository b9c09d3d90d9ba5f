import { z } from "zod";
import { ActionType, type DraftedDocument, Priority } from "../reports/events.ts";
import { Claim, type ClaimKind } from "./claims.ts";

/** What a model may write where. Tables, figures and lists that follow by rule stay code's. */
export interface Section {
  id: string;
  /** What belongs there, for the prompt. */
  about: string;
  kinds: readonly ClaimKind[];
  /** Claims that are kept; a section that says everything says nothing. */
  most: number;
}

const story =
  "The story in the order of time: what failed, what was decided, what turned the course, how it stands. Not every event, and nothing that figures and tables say: how long clients were without the service, how much was lost, targets, attempts.";

export const sections: Record<DraftedDocument, readonly Section[]> = {
  "status-report": [
    { id: "summary", about: `${story} For people who join now.`, kinds: ["fact"], most: 10 },
    { id: "next-steps", about: "What people should look at or do next.", kinds: ["action"], most: 5 },
  ],
  postmortem: [
    { id: "summary", about: story, kinds: ["fact"], most: 12 },
    {
      id: "root-cause",
      about: "What may have caused it, with the events that suggest it and those that speak against it.",
      kinds: ["hypothesis"],
      most: 4,
    },
    {
      id: "contributing-factors",
      about: "What may have made it more likely, longer or wider, with the events for and against.",
      kinds: ["hypothesis"],
      most: 4,
    },
    { id: "went-well", about: "What went well: decisions, detection, steps.", kinds: ["fact"], most: 6 },
    {
      id: "went-wrong",
      about: "What went wrong or was slow, about the system and never about people.",
      kinds: ["fact"],
      most: 6,
    },
    { id: "lucky", about: "What did not get worse by chance and not by design.", kinds: ["fact"], most: 4 },
    {
      id: "action-items",
      about: "What would make it less likely or shorter; of a type and a priority each.",
      kinds: ["action"],
      most: 6,
    },
  ],
};

/** A claim as a document takes it. A repair keeps the id, so that it replaces the claim that it mends. */
export type DraftClaim = Claim & {
  id: string;
  /** Of hypotheses in post-mortems. */
  against?: string[];
  /** Of action items in post-mortems, `none` elsewhere. */
  type?: ActionType | "none";
  priority?: Priority | "none";
};
export interface Draft {
  claims: DraftClaim[];
}

export function draftSchema(document: DraftedDocument): z.ZodType<Draft> {
  const ids = sections[document].map(({ id }) => id) as [string, ...string[]];
  const One = z.strictObject({
    id: z.string().describe("A name of its own, such as c1; a claim that is written once more keeps it"),
    ...Claim.shape,
    section: z.enum(ids).describe("The section of the document that it belongs to"),
  });
  const claims = document === "postmortem" ? z.array(One.extend(WEIGHED)) : z.array(One);
  return z.strictObject({ claims: claims.describe("In the order in which they are read") });
}

const WEIGHED = {
  against: z.array(z.string()).describe("Of a hypothesis: ids of the events that speak against it; else empty"),
  type: z.enum([...ActionType.options, "none"]).describe("Of an action: what it would change; else none"),
  priority: z.enum([...Priority.options, "none"]).describe("Of an action: P1 before P2 before P3; else none"),
};
