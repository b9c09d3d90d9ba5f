import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openChats } from "../../adapters/chat/index.ts";
import { openDeliveries } from "../../adapters/deliveries.ts";
import { openPager } from "../../adapters/pager/index.ts";
import { openStatusPages } from "../../adapters/status-page/index.ts";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { commands } from "../../commands/index.ts";
import { connectChat } from "../chat/connect.ts";
import type { ChatAccount } from "../chat/port.ts";
import { systemClock } from "../clock.ts";
import { createDispatcher } from "../commands/dispatch.ts";
import type { Config } from "../config.ts";
import { createCore } from "../create-core.ts";
import { createHttp } from "../http/http.ts";
import { listenOn } from "../http/listen.ts";
import { createMetrics } from "../http/metrics.ts";
import { sharedSessionSecret } from "../http/session-secret.ts";
import type { JournalStore } from "../journal/store.ts";
import { createLogger } from "../logger.ts";
import { exportManualRunbooks } from "../manual/export.ts";
import { unlinkedCaller } from "../people/identity.ts";
import { loadPeople } from "../people/people.ts";
import { adoptPeople, watchPeopleFile } from "../people/reload.ts";
import { createRoster } from "../people/roster.ts";
import { adoptPlan, inTime } from "../plans/adopt.ts";
import { untilAsked } from "../until-asked.ts";
import { openAssistant } from "./assistant.ts";
import { openAdapters, readPlan } from "./open.ts";
import { version } from "./version.ts";

/** The server, from its start to the signal that ends it. */
export async function serve(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel, pino.destination(2));
  const instance = config.instance ?? `${hostname()}:${process.pid}`;
  const { requestTimeoutMs, leaseMs, dataDirectory } = config;
  const { registry, close: closeAdapters } = openAdapters(config);
  const plan = await readPlan(config, registry);
  const roster = createRoster(config.peoplePath === undefined ? [] : await loadPeople(config.peoplePath));
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const pager = await openPager(config);
  const { core, journal, workers, presence, directory, leases, store } = createCore({
    roster,
    plan,
    registry,
    store: await openStore(config),
    instance,
    clock: systemClock,
    logger,
    leaseMs,
    requestTimeoutMs,
    reportsDirectory: config.reportsDirectory,
    statusPages: openStatusPages(config),
    deliveries: [...pager.deliveries, ...openDeliveries(config, plan, logger)],
    ...(pager.onCall && { onCall: pager.onCall }),
    storePlaces: config.storePlaces,
    ...(await openAssistant(config)),
    ...(config.storeUrl && { tailPath: join(dataDirectory, "last-events.json") }),
  });
  // An open store would keep a process alive that cannot start.
  const closing = async (error: unknown) => {
    await store.close();
    throw error;
  };
  await presence.compare();
  const stopping = new AbortController();
  await inTime(() => adoptPlan(journal, plan), systemClock, stopping.signal).catch(closing);
  // Nobody waits for them, and a full disk must not keep Muster from starting.
  await exportManualRunbooks(config.runbooksDirectory, plan, registry).catch((error) =>
    logger.warn({ err: error }, "the runbooks for hands could not be written"),
  );
  const people = { roster, plan, journal, logger };
  await inTime(() => adoptPeople(people), systemClock, stopping.signal);
  const peopleFile =
    config.peoplePath === undefined ? undefined : watchPeopleFile({ ...people, path: config.peoplePath });
  const sessionSecret = await sharedSessionSecret(store, systemClock);
  const { openSignIn, allowedHosts } = config;
  const metrics = createMetrics(core);
  const dispatcher = createDispatcher({ core, commands, directory, logger, observe: metrics.command });
  const connections = await openChats(config, { logger, store });
  const chats = connections.map((connection) => {
    const callerOf = async ({ account }: ChatAccount) => {
      const identity = { system: connection.port.id, account };
      return (await directory.byIdentity(identity.system, account)) ?? unlinkedCaller(identity);
    };
    const shared = { core, journal, store, dispatcher, clock: systemClock, logger, ...leases, leaseMs };
    return connectChat({ ...shared, connection, callerOf });
  });
  const doors = [...connections.flatMap(({ door }) => door ?? []), ...pager.doors({ journal, store, directory })];
  const shown = { core, commands, directory, logger, metrics, dispatcher, doors };
  const http = createHttp({ ...shown, openSignIn, allowedHosts, sessionSecret });
  const server = await listenOn(http.fetch, config).catch(closing);
  presence.start({ url: server.url, version: version(), ...(config.place !== undefined && { place: config.place }) });
  for (const worker of workers) worker.start();
  const alarms = pager.alarms({ core, clock: systemClock, logger });
  for (const one of [...chats, ...alarms]) one.start();
  console.log(`ready ${server.url}`);
  logger.info({ instance, url: server.url, plan: plan.digest }, "ready");
  await untilAsked(logger);
  stopping.abort();
  await server.close();
  await peopleFile?.stop();
  await Promise.all([...workers, ...chats, ...alarms].map((one) => one.stop()));
  await presence.stop();
  await closeAdapters();
  await store.close();
  logger.info("stopped");
  // An open channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
}

async function openStore({ storeUrl, dataDirectory, failpoints }: Config): Promise<JournalStore> {
  const store = storeUrl ? await openPostgres(storeUrl) : openSqliteStore({ directory: dataDirectory });
  if (failpoints === undefined) return store;
  const { parseFailpoints, withFailpoints } = await import("../journal/failpoint.ts");
  return withFailpoints(store, parseFailpoints(failpoints));
}

/** Its client is loaded by those alone who need it. */
async function openPostgres(url: string): Promise<JournalStore> {
  const { openPostgresStore } = await import("../../adapters/store/postgres.ts");
  return openPostgresStore({ url });
}
