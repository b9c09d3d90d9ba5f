import { z } from "zod";
import { Duration } from "../../src/plans/duration.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import { createRecordsAction, type Seen, unknownFields } from "./change-records.ts";
import type { RecordSet } from "./records.ts";
import type { Route53 } from "./route53.ts";

export const recordFields = {
  hostedZoneId: z
    .string()
    .regex(/^[A-Z0-9]{1,32}$/, 'is the zone\'s id, such as "Z1D633PJN98FT9"')
    .describe("Id of the hosted zone"),
  name: z.string().min(1).max(255).describe("Name of the record, with or without the last dot"),
  type: z.enum(["A", "AAAA", "CNAME"]).describe("Type of the record"),
};

/** Route 53 counts in seconds; resolvers keep an answer that long. */
export const timeToLive = Duration.refine((ms) => ms % 1000 === 0, {
  message: "a TTL is a whole number of seconds",
}).describe("How long resolvers may keep the answer, in whole seconds");

const Weighted = z.strictObject({
  setIdentifier: z.string().min(1).max(128).describe("Tells the weighted records of one name apart; the region's code"),
  value: z.string().min(1).describe("What the record answers with"),
  weight: z.number().int().min(0).max(255).describe("Share of the answers, in proportion to the sum of all weights"),
});

const Input = z
  .strictObject({
    ...recordFields,
    ttl: timeToLive,
    records: z.array(Weighted).min(1).max(100).describe("All weighted records of the name"),
  })
  // Route 53 answers with every record when all weights are zero, which is never what was meant.
  .refine(({ records }) => records.some(({ weight }) => weight > 0), {
    path: ["records"],
    message: "one weight must be above zero",
  })
  .refine(({ records }) => new Set(records.map((one) => one.setIdentifier)).size === records.length, {
    path: ["records"],
    message: "each setIdentifier may stand once",
  });
type Input = z.infer<typeof Input>;

export function createShiftWeights(route53: Route53): RecoveryAction {
  return createRecordsAction<Input>(route53, {
    id: "aws.route53-shift-weights",
    summary: "The weighted records of the name divide the traffic as wanted, everywhere",
    input: Input,
    wanted: ({ ttl, records }) =>
      records.map(({ value, ...record }): RecordSet => ({ ...record, ttl: ttl / 1000, values: [value] })),
    ours: (seen, input) =>
      seen.filter((set) => set.setIdentifier === undefined || isNamed(set, input) || set.weight !== 0),
    blockers: whyNot,
  });
}

/** A record of another region is not ours to delete; one of weight zero gets no traffic and may stay. */
function whyNot({ records }: Seen, input: Input): string[] {
  const foreign = records.filter((set) => set.setIdentifier !== undefined && !isNamed(set, input));
  const live = foreign.filter((set) => set.weight !== 0);
  const named = records.filter((set) => set.setIdentifier === undefined || isNamed(set, input));
  return [
    ...unknownFields(named, input),
    ...live.map(
      (set) =>
        `${input.name} also has ${set.setIdentifier} (weight ${set.weight ?? "none"}), which this step does not name`,
    ),
  ];
}

function isNamed({ setIdentifier }: RecordSet, { records }: Input): boolean {
  return records.some((record) => record.setIdentifier === setIdentifier);
}
