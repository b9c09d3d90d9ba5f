import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { readFlags, tellUsage, USAGE } from "../../src/cli/usage.ts";
import { appPackage } from "./app-package.ts";

/** `npm run manifest:teams`: writes the package that is uploaded to Teams. */
const Options = z.object({
  "app-id": z.guid({ error: "--app-id must be the application (client) id of the bot's registration" }),
  site: z
    .url({ protocol: /^https$/, error: "--site must be an https address" })
    .max(2_000)
    .regex(/^[^"\\]*$/, { error: "--site must be an https address" })
    .default("https://muster.example.org"),
  out: z.string().default("muster-teams.zip"),
});

function build(argv: string[]): void {
  const string = { type: "string" } as const;
  const { values } = readFlags("manifest:teams", argv, { "app-id": string, site: string, out: string });
  const options = Options.parse({ "app-id": process.env.MUSTER_TEAMS_APP_ID, ...values });
  const path = resolve(options.out);
  writeFileSync(path, appPackage({ appId: options["app-id"], site: options.site }));
  console.log(`${path} is written. Upload it in Teams: Apps, Manage your apps, Upload an app (docs/teams.md).`);
}

try {
  const argv = process.argv.slice(2);
  if (!tellUsage("manifest:teams", argv)) build(argv);
} catch (error) {
  const why = error instanceof z.ZodError ? error.issues.map(({ message }) => message) : [(error as Error).message];
  console.error([...why, USAGE["manifest:teams"]].join("\n"));
  process.exitCode = 1;
}
