import { resolve } from "node:path";
import { readFlags, tellUsage, USAGE } from "../src/cli/usage.ts";
import { AppError, reportError } from "../src/errors.ts";
import { attachLab, type LabClient } from "./client.ts";
import { DEFAULT_DATA, DEFAULT_PORT } from "./defaults.ts";
import { serverEnvironment } from "./server.ts";
import { showState, showTraffic, showVerification } from "./show.ts";
import type { FaultOrder } from "./world/faults.ts";

/** `npm run lab -- <verb>`: does something to the lab's world from a terminal, or shows it. */

async function run(argv: string[]): Promise<void> {
  const { values, positionals } = readFlags(
    "lab",
    argv,
    { data: { type: "string" }, json: { type: "boolean" } },
    { words: true },
  );
  const [verb, what, how] = positionals;
  if (!verb || verb === "help") {
    console.log(USAGE.lab);
    return;
  }
  const data = resolve(values.data ?? process.env.MUSTER_DATA ?? DEFAULT_DATA);
  const lab = await attachLab(data);
  if (!lab) {
    throw new AppError({
      code: "server-unreachable",
      summary: `No lab is running for ${data}.`,
      hint: "Start it with `npm start`.",
    });
  }
  console.log((await shown(lab, verb, values.json === true)) ?? (await perform(lab, data, verb, what, how)));
}

/** What is, for people or for programs; undefined for a verb that does something. */
async function shown(lab: LabClient, verb: string, json: boolean): Promise<string | undefined> {
  const show = <Seen>(seen: Seen, table: (seen: Seen) => string) =>
    json ? JSON.stringify(seen, null, 2) : table(seen);
  if (verb === "state") return show(await lab.state(), showState);
  if (verb === "traffic") return show(await lab.traffic(), showTraffic);
  if (verb === "verify") return show(await lab.verify(), showVerification);
  return undefined;
}

async function perform(lab: LabClient, data: string, verb: string, what?: string, how?: string): Promise<string> {
  switch (verb) {
    case "env":
      return exportsOf(data);
    case "stop":
      await lab.stop();
      return "The world has ended.";
    default: {
      // The control API checks it, and says what it would have accepted.
      const changed = await lab.fault(order(verb, what, how) as FaultOrder);
      return changed ? `Done: ${[verb, what, how].filter(Boolean).join(" ")}.` : "It was so already.";
    }
  }
}

/** For `eval "$(npm run -s lab -- env)"`: nothing here is worth a secret's care, it is the lab's own. */
function exportsOf(data: string): string {
  const all = serverEnvironment(data, Number(process.env.MUSTER_PORT ?? DEFAULT_PORT), {});
  return Object.entries(all)
    .filter(([name]) => name !== "MUSTER_DATA" && name !== "NODE_COMPILE_CACHE")
    .map(([name, value]) => `export ${name}='${String(value).replaceAll("'", "'\\''")}'`)
    .join("\n");
}

function order(kind: string, what: string | undefined, how: string | undefined): object {
  if (kind === "break-api") return { kind, api: what, mode: how };
  if (kind === "mend-api") return { kind, api: what };
  if (kind === "slow") return { kind, region: what, delayMs: Number(how) };
  if (kind === "replication-lag") return { kind, region: what, lagMs: Number(how) };
  return { kind, region: what };
}

try {
  const argv = process.argv.slice(2);
  if (!tellUsage("lab", argv)) await run(argv);
} catch (error) {
  const { summary, hint } = reportError(error);
  console.error([summary, hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
