import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { defineTrafficSource, type TrafficSource } from "../../src/ports.ts";
import type { Route53 } from "./route53.ts";
import { recordFields } from "./shift-weights.ts";

const Input = z.strictObject(recordFields);

/** Shares as the zone holds them; clients follow within the record's TTL, and some ignore it. */
export function createWeights(route53: Route53): TrafficSource {
  return defineTrafficSource<z.infer<typeof Input>>({
    id: "aws.route53-weights",
    input: Input,
    async shares({ hostedZoneId, name, type }, limits) {
      try {
        const records = await route53.list(hostedZoneId, name, type, limits);
        const weighted = records.filter(({ setIdentifier }) => setIdentifier !== undefined);
        if (weighted.length === 0) return undefined;
        const total = weighted.reduce((sum, { weight = 0 }) => sum + weight, 0);
        // With all weights at zero Route 53 answers with every record alike.
        const share = (weight: number) => (total === 0 ? 1 / weighted.length : weight / total);
        return Object.fromEntries(weighted.map(({ setIdentifier, weight = 0 }) => [setIdentifier!, share(weight)]));
      } catch (error) {
        if (error instanceof AppError) return undefined;
        throw error;
      }
    },
  });
}
