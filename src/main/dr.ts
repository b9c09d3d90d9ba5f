import { commands } from "../../commands/index.ts";
import { runCli } from "../cli/cli.ts";
import { loadConfig } from "../config.ts";
import { version } from "./version.ts";

/** The command line: a client of the running server. What a server is made of is loaded only where there is none. */
export async function dr(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  return await runCli(argv, {
    commands,
    env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopped.signal,
    version,
    restore: async (directory, events) =>
      (await import("../../adapters/store/sqlite-restore.ts")).restoreSqliteJournal(directory, events),
    openLocal: async (directory, token) => (await import("./local.ts")).openLocal(directory, token, loadConfig(env)),
    openOffline: async (directory) => (await import("./local.ts")).openReader(directory),
  });
}
