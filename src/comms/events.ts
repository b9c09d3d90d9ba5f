import { z } from "zod";

/** In the order in which they follow each other; each says more than the one before it. */
export const stages = ["investigating", "identified", "degraded", "monitoring", "resolved"] as const;
export const Stage = z.enum(stages);
export type Stage = z.infer<typeof Stage>;

/** What a page says and is not so, or does not say though it was told. One of each thing. */
export const Contradiction = z.discriminatedUnion("what", [
  z.object({ what: z.literal("component"), name: z.string(), says: z.string(), seen: z.string() }),
  z.object({ what: z.literal("update"), updateId: z.string() }),
  /** Nobody can read it. */
  z.object({ what: z.literal("away"), summary: z.string() }),
]);
export type Contradiction = z.infer<typeof Contradiction>;

const update = { incidentId: z.string(), updateId: z.string() };

/** What came of asking a model for words, and what it took: `model` and `endpoint` where there are any, else why not. */
export const Wording = z.object({
  prompt: z.string(),
  requests: z.number().int(),
  tokens: z.object({ input: z.number().int(), output: z.number().int() }),
  estimated: z.literal(true).exactOptional(),
  model: z.string().exactOptional(),
  endpoint: z.string().exactOptional(),
  rejected: z.object({ code: z.string(), summary: z.string() }).exactOptional(),
});
export type Wording = z.infer<typeof Wording>;

/** Whose words were posted, where they were not simply the template's; `because` says why they are its all the same. */
const Words = z.discriminatedUnion("by", [
  z.object({ by: z.literal("model"), model: z.string() }),
  z.object({ by: z.literal("person"), principal: z.string() }),
  z.object({ by: z.literal("template"), because: z.string().exactOptional() }),
]);
export type Words = z.infer<typeof Words>;

export const commsEvents = {
  /** An update for the public, as it will read; `publish: ask` waits for a person. */
  "comms.due": z.object({
    /** The id is `<incident>/<stage>`, and `/2` when the trouble came back after it was over. */
    ...update,
    stage: Stage,
    round: z.number().int().min(1),
    publish: z.enum(["automatic", "ask"]),
    /** Why now: its time had come, the facts came first, or a person did. */
    because: z.enum(["time", "facts", "person"]),
    title: z.string(),
    text: z.string(),
    /** By their names in the plan. */
    services: z.array(z.string()),
    eta: z.object({ at: z.iso.datetime(), basis: z.string() }).exactOptional(),
    /** A model was asked first, because it is posted by itself; without `model` the text is the template's. */
    wording: Wording.exactOptional(),
  }),
  /** Not posted until a person posts it; also said of a stage that is not due yet. */
  "comms.held": z.object({ incidentId: z.string(), stage: Stage, round: z.number().int().min(1) }),
  /** Posted with a tap; also what was given up is tried again. */
  "comms.approved": z.object(update),
  "comms.edited": z.object({ ...update, text: z.string() }),
  /** Other words by a model, for a person to use or to leave; `rejected` where none could be put before people. */
  "comms.suggested": z.object({ ...update, ...Wording.shape, text: z.string().exactOptional() }),
  /** It was no longer true when it could have been posted; never of one that is being posted. */
  "comms.skipped": z.object({ ...update, reason: z.string() }),
  /** Is about to be posted there: until it is known what came of it, it is neither sent nor skipped. */
  "comms.posting": z.object({ ...update, destination: z.string() }),
  /** It was looked for, and does not stand there. */
  "comms.unposted": z.object({ ...update, destination: z.string() }),
  "comms.sent": z.object({
    ...update,
    destination: z.string(),
    ref: z.string().exactOptional(),
    words: Words.exactOptional(),
  }),
  "comms.failed": z.object({
    ...update,
    destination: z.string(),
    code: z.string(),
    summary: z.string(),
    hint: z.string(),
    /** It goes on being tried; else a person must say so. */
    retrying: z.boolean(),
  }),
  /**
   * The page is not configured any more, so that nobody finds out or tries again. `mayStand`: it was being posted, and
   * whether it stands there is not known; else it had not arrived.
   */
  "comms.abandoned": z.object({ ...update, destination: z.string(), mayStand: z.boolean() }),
  /** Read back, twice in a row, the page says something else than what is seen or what it was told. */
  "comms.contradicted": z.object({
    incidentId: z.string(),
    destination: z.string(),
    problems: z.array(Contradiction).min(1).max(100),
  }),
  "comms.agreed": z.object({ incidentId: z.string(), destination: z.string(), since: z.iso.datetime() }),
};
