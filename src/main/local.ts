import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { commands } from "../../commands/index.ts";
import { systemClock } from "../clock.ts";
import { createDispatcher } from "../commands/dispatch.ts";
import type { Config } from "../config.ts";
import { createCore } from "../create-core.ts";
import { createLogger } from "../logger.ts";
import { ensureOwnJournal, notCommander } from "../offline/own-journal.ts";
import { offlinePlan } from "../offline/plan.ts";
import { openOffline } from "../offline/reader.ts";
import { transcriptOf } from "../offline/transcript.ts";
import { createDirectory, loadPeople } from "../people/people.ts";
import { writeWhole } from "../write-whole.ts";
import { openAdapters, readPlan } from "./open.ts";

/** A journal on this machine, read without a server. */
export function openReader(directory: string) {
  return openOffline(openSqliteReader({ directory }), pino({ level: "silent" }));
}

/** A Muster of one's own for `dr run --offline`: the real adapters, a journal on this machine, no server. */
export async function openLocal(directory: string, token: string, config: Config) {
  const people = config.peoplePath === undefined ? [] : await loadPeople(config.peoplePath);
  const caller = createDirectory(people).authenticate(token)?.caller;
  if (!caller?.roles.includes("commander")) throw notCommander(caller?.principal);
  const adapters = openAdapters(config);
  const loaded = await readPlan(config, adapters.registry);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const store = openSqliteStore({ directory });
  const logger = createLogger(config.logLevel, pino.destination({ dest: join(directory, "log.jsonl"), mode: 0o600 }));
  const plan = offlinePlan(loaded);
  const { core, journal, workers } = createCore({
    plan,
    registry: adapters.registry,
    store,
    instance: `${hostname()}:${process.pid}:offline`,
    clock: systemClock,
    logger,
    leaseMs: config.leaseMs,
    requestTimeoutMs: config.requestTimeoutMs,
    reportsDirectory: join(directory, "reports"),
  });
  await ensureOwnJournal(journal, directory);
  const dispatcher = createDispatcher({ core, commands, directory: { list: () => [] }, logger });
  const muster = { plan, core, journal, workers, dispatcher, clock: systemClock, caller };
  const close = async () => {
    const transcript = join(directory, "transcript.jsonl");
    await writeWhole(directory, transcript, await transcriptOf(store), 0o600);
    await adapters.close();
    await store.close();
    return { transcript };
  };
  return { muster, close };
}
