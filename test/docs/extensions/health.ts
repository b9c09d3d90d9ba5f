import { z } from "zod";
import { defineCommand } from "../../../src/commands/command.ts";
import { RegionCode } from "../../../src/commands/inputs.ts";
import { AppError } from "../../../src/errors.ts";
import { own } from "../../../src/own.ts";

export const health = defineCommand({
  name: "health",
  summary: "Say how one region is, and since when",
  positionals: ["region"],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ region: RegionCode }),
  run: async ({ region }, core) => {
    const known = own((await core.state()).regions, region);
    if (known) return { region, verdict: known.verdict, since: known.since };
    const hint = '"status" shows the regions of the plan.';
    throw new AppError({ code: "unknown-region", summary: `There is no region "${region}".`, hint });
  },
  present: ({ region, verdict, since }) => ({
    title: `${region} is ${verdict}`,
    status: verdict === "healthy" ? "ok" : "warning",
    facts: [{ label: "Since", value: since }],
    fallback: `${region} is ${verdict}`,
  }),
});
