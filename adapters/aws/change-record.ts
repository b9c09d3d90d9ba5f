import { z } from "zod";
import type { RecoveryAction } from "../../src/ports.ts";
import { createRecordsAction, type Seen, unknownFields } from "./change-records.ts";
import type { Route53 } from "./route53.ts";
import { recordFields, timeToLive } from "./shift-weights.ts";

const Input = z.strictObject({
  ...recordFields,
  ttl: timeToLive,
  value: z.string().min(1).describe("What the record answers with"),
});
type Input = z.infer<typeof Input>;

export function createChangeRecord(route53: Route53): RecoveryAction {
  return createRecordsAction<Input>(route53, {
    id: "aws.route53-change-record",
    summary: "The name answers with the wanted value, everywhere",
    input: Input,
    wanted: ({ ttl, value }) => [{ ttl: ttl / 1000, values: [value] }],
    ours: (seen) => seen,
    blockers: whyNot,
  });
}

/** A name that is weighted or routed in another way serves something that this step does not know. */
function whyNot({ records }: Seen, input: Input): string[] {
  const routed = records.filter(({ setIdentifier }) => setIdentifier !== undefined);
  const names = routed.map(({ setIdentifier }) => setIdentifier).join(", ");
  return [
    ...unknownFields(records, input),
    ...(routed.length > 0
      ? [`${input.name} is not a simple record: it has ${names}; use aws.route53-shift-weights`]
      : []),
  ];
}
