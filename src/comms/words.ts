import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import { z } from "zod";
import { Stage, stages } from "./events.ts";

/** All that a public text may be made of: no code, id, address or name from inside. */
export const PublicFacts = z.object({
  services: z.string(),
  /** Every request fails, as against some. */
  unreachable: z.boolean(),
  again: z.boolean(),
  /** The move to another location has begun. */
  started: z.boolean(),
  elsewhere: z.boolean(),
  normal: z.boolean(),
  /** When requests began to fail and, for a resolved one, when they were answered again. */
  since: z.string().nullable(),
  until: z.string().nullable(),
  /** Public names of the location that is away, and of the one that serves or is to serve. */
  region: z.string().nullable(),
  place: z.string().nullable(),
  addedLatency: z.string().nullable(),
  eta: z.string().nullable(),
  basis: z.string().nullable(),
});
export type PublicFacts = z.infer<typeof PublicFacts>;

export type Writer = (stage: Stage, facts: PublicFacts) => string;

/** What the public was told of an incident, oldest first. */
export const PostmortemFacts = z.object({
  title: z.string(),
  end: z.string(),
  updates: z.array(z.object({ at: z.string(), stage: z.string(), text: z.string() })),
});
export type PostmortemFacts = z.infer<typeof PostmortemFacts>;

/** Templates are of no use to a server that is only watching: they are loaded when there is something to say. */
export type LoadWriter = () => Promise<Writer>;

/** Reads the templates once; what it returns is pure. */
export function createWriter(directory: URL = new URL("../../templates/status-page/", import.meta.url)): Writer {
  const environment = Handlebars.create();
  const templates = new Map(
    stages.map((stage) => {
      const source = readFileSync(new URL(`${stage}.hbs`, directory), "utf8");
      return [stage, environment.compile(source, { strict: true, noEscape: true })] as const;
    }),
  );
  return (stage, facts) => {
    const render = templates.get(Stage.parse(stage));
    if (!render) throw new Error(`there is no template for "${stage}"`);
    // A name that is missing inside {{#if}} is not caught by `strict`: the facts must be whole before.
    return render(PublicFacts.parse(facts)).replace(/\s+/g, " ").trim();
  };
}

/** The draft of a public post-mortem. Reads its template once; what it returns is pure. */
export function createPostmortemWriter(directory: URL = new URL("../../templates/status-page/", import.meta.url)) {
  const source = readFileSync(new URL("postmortem.hbs", directory), "utf8");
  const render = Handlebars.create().compile(source, { strict: true, noEscape: true });
  return (facts: PostmortemFacts): string => render(PostmortemFacts.parse(facts)).trim();
}
