import prettyMs from "pretty-ms";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft } from "./draft.ts";
import type { Finding } from "./problem.ts";

const ORDER = ["identified", "degraded", "monitoring"] as const;

/** What the public is told: about services and regions that there are, in an order that can be. */
export function communicationFindings({ communication, serviceNames, regionCodes }: Draft): Finding[] {
  if (!communication) return [];
  const { components, regions, stages } = communication;
  const strangers = (part: string, named: string[], known: string[], what: string): Finding[] =>
    named
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: ["communication", part, name],
        message: `${name} is not a ${what} of this plan`,
        hint: didYouMean(name, known, `The plan's ${what}s are`),
        atKey: true,
      }));
  const early = ORDER.flatMap((stage, index): Finding[] => {
    const before = ORDER[index - 1];
    if (!before || stages[stage].after >= stages[before].after) return [];
    const message = `${stage} comes after ${prettyMs(stages[stage].after)}, before ${before} at ${prettyMs(stages[before].after)}`;
    return [
      {
        path: ["communication", "stages", stage],
        message,
        hint: "Give each stage the time of the one before it, or a later one.",
      },
    ];
  });
  return [
    ...strangers("components", Object.keys(components), serviceNames, "service"),
    ...strangers("regions", Object.keys(regions), regionCodes, "region"),
    ...early,
  ];
}
