import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { AppError } from "../errors.ts";

/** How each program of `bin/muster.mjs` is called; those of a server are configured by the environment. */
export const USAGE = {
  start: `npm start -- [--data <directory>] [--port <port>] [--slack-emulator] [--teams-emulator] [--model-emulator]
  Starts Muster beside the lab's world, and goes on where it was.`,
  rehearse: `npm run rehearse -- [--fault kill|freeze|partition|route53-away] [--lag 200ms] [--through http|slack|teams]
                       [--model scripted|none|dies|freezes] [--json] [--keep]
  Lives through a disaster from beginning to end, in a world of its own, and measures it.`,
  reset: `npm run reset -- [--data <directory>] [--yes]
  Deletes a data directory, with its journal and the lab, after asking.`,
  lab: `npm run lab -- <verb>

  kill | restore | freeze | thaw <region>     the region's processes
  partition | heal <region>                   its network
  slow <region> <milliseconds>                every answer; 0 ends it
  replication-lag <region> <milliseconds>     copies of what that region writes
                                              are so far behind; 0 ends it
  break-api <api> unavailable|hang|throttle   route53 or kubernetes:<region>
  mend-api <api>
  state | traffic [--json]                    what is
  verify [--json]                             reads every acknowledged record
                                              back
  env                                         what a Muster of one's own needs
                                              to reach it, for a shell
  stop                                        ends the world; npm start begins
                                              it again where it was`,
  doctor: `npm run doctor -- [--lab] [--json]
  Looks at everything that the environment names, or at the lab as its server sees it, and says what to mend.`,
  "manifest:teams": `npm run manifest:teams -- --app-id <application id> [--site https://…] [--out muster-teams.zip]
  Writes the package that is uploaded to Teams.`,
  serve: `muster serve
  Starts a server; .env.example lists what it reads from the environment.`,
  schema: `npm run schema
  Writes plans/schema.json, which editors check plans by.`,
} as const;

/** What the server's own program does, besides the commands of `dr`. */
const SERVER_VERBS = ["serve", "schema", "doctor"] as const;

export function isServerVerb(verb: string | undefined): verb is (typeof SERVER_VERBS)[number] {
  return (SERVER_VERBS as readonly (string | undefined)[]).includes(verb);
}

/** `commands` are those that a running server is asked for. */
export function unknownVerb(verb: string | undefined, commands: readonly string[]): AppError {
  return new AppError({
    code: "bad-input",
    summary: verb === undefined ? "Say what Muster is to do." : `"${verb}" is not something Muster does.`,
    hint:
      verb !== undefined && commands.some((name) => name.split(" ")[0] === verb)
        ? `A running server is asked for it: dr ${verb}`
        : `It is one of start, rehearse, reset, lab, manifest:teams, ${SERVER_VERBS.join(", ")} and dr; each says more with --help.`,
  });
}

/** Prints it when that is what was asked for. */
export function tellUsage(verb: keyof typeof USAGE, argv: readonly string[]): boolean {
  if (!argv.includes("--help") && !argv.includes("-h")) return false;
  console.log(USAGE[verb]);
  return true;
}

/** The flags and words of a call. Throws AppError `bad-input` with the usage as its hint. */
export function readFlags<const O extends ParseArgsOptionsConfig>(
  verb: keyof typeof USAGE,
  argv: readonly string[],
  options: O,
  { words = false }: { words?: boolean } = {},
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: words });
  } catch (cause) {
    throw usageError(verb, (cause as Error).message, cause);
  }
}

export function usageError(verb: keyof typeof USAGE, summary: string, cause?: unknown): AppError {
  return new AppError({ code: "bad-input", summary, hint: USAGE[verb], cause });
}
