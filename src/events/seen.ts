import { z } from "zod";
import { Divergence } from "../detection/events.ts";
import { bytes, clip, count, duration } from "../format.ts";
import { divergenceText } from "./divergence-text.ts";

/** How one known shape is said; `want` is the input of the step that looked, where it is at hand. */
interface Shape {
  says(seen: unknown, want: Record<string, unknown>): string | undefined;
}

function shape<T>(schema: z.ZodType<T>, say: (seen: T, want: Record<string, unknown>) => string): Shape {
  return {
    says: (seen, want) => {
      const found = schema.safeParse(seen);
      return found.success ? say(found.data, want) : undefined;
    },
  };
}

const Gone = z.object({ exists: z.literal(false) });
const Deployment = z.object({ replicas: z.number(), readyReplicas: z.number(), observed: z.boolean() });
const DataStore = z.object({
  role: z.enum(["primary", "replica"]),
  history: z.string(),
  position: z.number(),
  link: z.object({ primary: z.string(), up: z.boolean(), syncing: z.boolean() }).optional(),
  loading: z.boolean(),
  fenced: z.boolean(),
  takesWrites: z.boolean(),
});
const Following = z.object({ follower: DataStore, primary: DataStore, behind: z.number() });
const SavedCopy = z.object({ file: z.string(), saving: z.boolean(), lastStatus: z.string() });
const Records = z.object({
  records: z.array(
    z.object({
      ttl: z.number(),
      values: z.array(z.string()),
      setIdentifier: z.string().optional(),
      weight: z.number().optional(),
    }),
  ),
  propagation: z.string().optional(),
});
const Answers = z.object({ good: z.number(), detail: z.string() });

const Stats = z.object({ windowSeconds: z.number(), requests: z.number(), errors: z.number() });
const Watched = z.object({ elapsedMs: z.number(), stats: Stats.optional() });

/** The first that fits is said; what fits none is said field by field. */
const SHAPES: readonly Shape[] = [
  shape(Gone, () => "does not exist"),
  shape(Deployment, ({ replicas, readyReplicas, observed }, want) => {
    const wanted = typeof want.replicas === "number" && want.replicas !== replicas ? ` of ${want.replicas}` : "";
    return `${replicas}${wanted} replicas, ${readyReplicas} ready${observed ? "" : ", not acted on yet"}`;
  }),
  shape(Following, following),
  shape(DataStore, dataStore),
  shape(Divergence, (seen) => `${count(seen.compared, "record")} compared; ${divergenceText(seen)}`),
  shape(SavedCopy, ({ file, saving, lastStatus }) => {
    return saving ? `a copy is being written, for ${file}` : `copy in ${file}, last save ${lastStatus}`;
  }),
  shape(Records, recordSets),
  shape(Answers, ({ good, detail }) => (good > 0 ? `${count(good, "good answer")} in a row: ${detail}` : detail)),
  shape(Watched, ({ elapsedMs, stats }) => {
    if (!stats) return elapsedMs === 0 ? "not begun" : `watched for ${duration(elapsedMs)}`;
    const { errors, requests, windowSeconds } = stats;
    return `${errors} of ${count(requests, "request")} failed in the last ${windowSeconds} s`;
  }),
];

/**
 * What a recovery action saw, as a person wants to read it at three in the morning: "2 of 10 replicas, 2 ready".
 * The journal has the rest: identities that mean nothing to people are left out, and long lists are cut.
 */
export function seenInWords(seen: unknown, want?: unknown, length = 200): string {
  if (seen === undefined || seen === null) return "";
  const wanted = typeof want === "object" && want !== null ? (want as Record<string, unknown>) : {};
  for (const one of SHAPES) {
    const text = one.says(seen, wanted);
    if (text !== undefined) return clip(text, length);
  }
  return inWords(seen, length);
}

function dataStore(seen: z.infer<typeof DataStore>): string {
  const { role, link, loading, fenced, takesWrites, position } = seen;
  const linkText = link?.syncing ? "syncing" : link?.up ? "link up" : "link down";
  return [
    link ? `replica of ${link.primary}, ${linkText}` : role,
    ...(loading ? ["loading its data"] : []),
    // A replica that takes no writes is what one expects.
    ...(fenced ? ["fenced"] : takesWrites ? ["takes writes"] : link ? [] : ["takes no writes"]),
    bytes(position),
  ].join(", ");
}

function following({ follower, primary, behind }: z.infer<typeof Following>): string {
  // Positions of different histories do not compare.
  const place =
    follower.history !== primary.history
      ? "not the primary's history"
      : behind > 0
        ? `${bytes(behind)} behind`
        : "caught up";
  return `${dataStore(follower)}, ${place}`;
}

const MOST_RECORDS = 4;

function recordSets({ records, propagation }: z.infer<typeof Records>, { name }: Record<string, unknown>): string {
  const said = records.slice(0, MOST_RECORDS).map(({ setIdentifier, weight, values }) => {
    if (setIdentifier === undefined) return values.slice(0, MOST_RECORDS).join(" + ");
    return `${setIdentifier} ${weight ?? values.join(" + ")}`;
  });
  const text = records.length === 0 ? "no record" : said.join(", ");
  const more = records.length > MOST_RECORDS ? ", …" : "";
  const spread = propagation === "PENDING" ? "; not everywhere yet" : propagation === "INSYNC" ? "; in sync" : "";
  return `${typeof name === "string" ? `${name}: ` : ""}${text}${more}${spread}`;
}

/** Fields of inputs that are times, in milliseconds there. */
const TIMES = new Set(["ttl", "every", "for"]);
const TECHNICAL = new Set(["history", "runId", "resourceVersion", "generation", "observedGeneration"]);
const MOST_ITEMS = 4;

/** A small JSON object as people read it: `replicas 10, ready 8`. Technical ids go, long identities are cut. */
export function inWords(value: unknown, length = 160): string {
  return clip(words(value), length);
}

function words(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    return [...value.slice(0, MOST_ITEMS).map(words), ...(value.length > MOST_ITEMS ? ["…"] : [])].join(" + ");
  }
  if (typeof value !== "object") return String(value).replace(/\b([0-9a-f]{8})[0-9a-f]{16,}\b/g, "$1…");
  if ("setIdentifier" in value && "weight" in value) return `${value.setIdentifier} ${value.weight}`;
  return Object.entries(value)
    .filter(([key]) => !TECHNICAL.has(key))
    .map(([key, inner]) => `${key} ${field(key, inner)}`)
    .join(", ");
}

function field(key: string, value: unknown): string {
  if (TIMES.has(key) && typeof value === "number") return duration(value);
  return typeof value === "object" ? `(${words(value)})` : words(value);
}
