import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { AppError, reportError } from "../src/errors.ts";
import { attachLab, type LabClient } from "./client.ts";
import { serverEnvironment } from "./server.ts";
import type { FaultOrder } from "./world/faults.ts";

/** `npm run lab -- <verb>`: does something to the lab's world from a terminal, or shows it. */
const DEFAULT_PORT = 4646;
const USAGE = `npm run lab -- <verb>

  state | traffic | verify                          what is; verify reads every acknowledged record back
  kill | restore | freeze | thaw <region>           the region's processes
  partition | heal <region>                         its network
  slow | replication-lag <region> <milliseconds>    0 ends it
  break-api <api> unavailable|hang|throttle         route53 or kubernetes:<region>
  mend-api <api>
  env                                               what a Muster of one's own needs to reach it, for a shell
  stop                                              ends the world; npm start begins it again where it was`;

async function run(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { data: { type: "string" } },
  });
  const [verb, what, how] = positionals;
  if (!verb || verb === "help") {
    console.log(USAGE);
    return;
  }
  const data = resolve(values.data ?? process.env.MUSTER_DATA ?? ".muster");
  const lab = await attachLab(data);
  if (!lab) {
    throw new AppError({
      code: "server-unreachable",
      summary: `No lab is running for ${data}.`,
      hint: "Start it with `npm start`.",
    });
  }
  console.log(await perform(lab, data, verb, what, how));
}

async function perform(lab: LabClient, data: string, verb: string, what?: string, how?: string): Promise<string> {
  switch (verb) {
    case "state":
      return JSON.stringify(await lab.state(), null, 2);
    case "traffic":
      return JSON.stringify(await lab.traffic(), null, 2);
    case "verify":
      return JSON.stringify(await lab.verify(), null, 2);
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
  await run(process.argv.slice(2));
} catch (error) {
  const known = error instanceof AppError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  const { summary, hint } =
    known && !(error instanceof AppError) ? { summary: (error as Error).message, hint: USAGE } : reportError(error);
  console.error([summary, hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
