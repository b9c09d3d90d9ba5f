import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { chatChecks, openChats } from "../adapters/chat/index.ts";
import { openDeliveries } from "../adapters/deliveries.ts";
import { createAdapters } from "../adapters/index.ts";
import { pagerChecks } from "../adapters/pager/checks.ts";
import { openPager } from "../adapters/pager/index.ts";
import { statusPageChecks } from "../adapters/status-page/checks.ts";
import { openStatusPages } from "../adapters/status-page/index.ts";
import { openSqliteStore } from "../adapters/store/sqlite.ts";
import { openSqliteReader } from "../adapters/store/sqlite-reader.ts";
import { restoreSqliteJournal } from "../adapters/store/sqlite-restore.ts";
import { commands } from "../commands/index.ts";
import { limitsOf, type ModelsFile, modelsFile } from "./assistant/endpoints.ts";
import { connectChat } from "./chat/connect.ts";
import type { ChatAccount } from "./chat/port.ts";
import { doctorText } from "./cli/doctor.ts";
import { isServerVerb, tellUsage, unknownVerb } from "./cli/usage.ts";
import { systemClock } from "./clock.ts";
import { createDispatcher } from "./commands/dispatch.ts";
import { type Config, loadConfig } from "./config.ts";
import { createCore } from "./create-core.ts";
import { baseChecks } from "./doctor/base-checks.ts";
import { runChecks } from "./doctor/check.ts";
import { modelChecks } from "./doctor/model-checks.ts";
import { monitorChecks } from "./doctor/monitor-checks.ts";
import { planChecks } from "./doctor/plan-checks.ts";
import { AppError, reportError } from "./errors.ts";
import { createHttp } from "./http/http.ts";
import { listenOn } from "./http/listen.ts";
import { createMetrics } from "./http/metrics.ts";
import { sharedSessionSecret } from "./http/session-secret.ts";
import type { JournalStore } from "./journal/store.ts";
import { createLogger } from "./logger.ts";
import { exportManualRunbooks } from "./manual/export.ts";
import { ensureOwnJournal, notCommander } from "./offline/own-journal.ts";
import { offlinePlan } from "./offline/plan.ts";
import { openOffline } from "./offline/reader.ts";
import { transcriptOf } from "./offline/transcript.ts";
import { unlinkedCaller } from "./people/identity.ts";
import { createDirectory, loadPeople } from "./people/people.ts";
import { adoptPeople, watchPeopleFile } from "./people/reload.ts";
import { createRoster } from "./people/roster.ts";
import { adoptPlan, inTime } from "./plans/adopt.ts";
import { writeSchema } from "./plans/json-schema.ts";
import { loadPlan } from "./plans/load.ts";
import type { Plan } from "./plans/plan.ts";
import type { Registry } from "./ports.ts";
import { untilAsked } from "./until-asked.ts";
import { writeWhole } from "./write-whole.ts";

/** The one file that wires everything: nothing else knows which adapters, store and doors there are. */
const [verb, ...rest] = process.argv.slice(2);

try {
  if (verb === "dr") process.exitCode = await dr(rest);
  else if (!isServerVerb(verb))
    throw unknownVerb(
      verb,
      commands.map(({ name }) => name),
    );
  else if (tellUsage(verb, rest)) process.exitCode = 0;
  else if (verb === "serve") await serve(loadConfig(process.env));
  else if (verb === "schema") await schema();
  else process.exitCode = await doctor(rest);
} catch (error) {
  const { summary, hint } = reportError(error);
  const why =
    error instanceof AppError
      ? [summary, hint]
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  console.error(why.filter(Boolean).join("\n"));
  process.exitCode = 1;
}

async function serve(config: Config): Promise<void> {
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

/** The clients of language models are large: nobody loads them who has none configured. */
async function openAssistant(config: Config) {
  const { modelsPath, secret } = config;
  if (modelsPath === undefined) return {};
  const models = await modelsFile.load(modelsPath);
  const { openModel } = await import("../adapters/model/index.ts");
  const { prompts, askPrompt, statusWording: wording } = await import("../prompts/index.ts");
  const model = openModel({ models, secret, clock: systemClock });
  const monitor = await openMonitor(config);
  const questions = { prompt: askPrompt, limits: models.questions, ...(monitor && { monitor }) };
  return { assistant: { model, prompts, ...limitsOf(models), wording, questions } };
}

async function openMonitor({ monitorPath, secret }: Config) {
  if (monitorPath === undefined) return undefined;
  const { configuredMonitor } = await import("../adapters/monitor/index.ts");
  return await configuredMonitor({ monitorPath, secret }, systemClock);
}

async function assistantChecks(config: Config) {
  const { modelsPath, secret } = config;
  if (modelsPath === undefined) return modelChecks();
  const { openModel } = await import("../adapters/model/index.ts");
  const open = (models: ModelsFile) => openModel({ models, secret, clock: systemClock });
  const monitor = await openMonitor(config);
  return [...modelChecks({ models: await modelsFile.load(modelsPath), open }), ...monitorChecks(monitor)];
}

async function openStore({ storeUrl, dataDirectory, failpoints }: Config): Promise<JournalStore> {
  const store = storeUrl ? await openPostgres(storeUrl) : openSqliteStore({ directory: dataDirectory });
  if (failpoints === undefined) return store;
  const { parseFailpoints, withFailpoints } = await import("./journal/failpoint.ts");
  return withFailpoints(store, parseFailpoints(failpoints));
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** What only some need is loaded by them alone: the client of PostgreSQL, and the command line of `dr`. */
async function openPostgres(url: string): Promise<JournalStore> {
  const { openPostgresStore } = await import("../adapters/store/postgres.ts");
  return openPostgresStore({ url });
}

async function dr(argv: string[]): Promise<number> {
  const { runCli } = await import("./cli/cli.ts");
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  return await runCli(argv, {
    commands,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopped.signal,
    version,
    restore: restoreSqliteJournal,
    openLocal,
    openOffline: async (directory) => openOffline(openSqliteReader({ directory }), pino({ level: "silent" })),
  });
}

/** A Muster of one's own for `dr run --offline`: the real adapters, a journal on this machine, no server. */
async function openLocal(directory: string, token: string) {
  const config = loadConfig(process.env);
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

function openAdapters({ requestTimeoutMs, secret, kubeconfigPath }: Config) {
  return createAdapters({ requestTimeoutMs, secret, ...(kubeconfigPath !== undefined && { kubeconfigPath }) });
}

function readPlan({ planPath: path, varsPath }: Config, registry: Registry): Promise<Plan> {
  return loadPlan({ path, registry, ...(varsPath && { varsPath }) });
}

/** Looks at everything that the configuration names, with its credentials, and says what to mend. */
async function doctor(argv: string[]): Promise<number> {
  const config = loadConfig(process.env);
  const { requestTimeoutMs, dataDirectory, storeUrl } = config;
  const adapters = openAdapters(config);
  const { registry } = adapters;
  const plan = await readPlan(config, registry);
  const openStore = async () => {
    if (!storeUrl) return openSqliteReader({ directory: dataDirectory });
    return (await import("../adapters/store/postgres-reader.ts")).openPostgresReader(storeUrl);
  };
  const found = await runChecks([
    ...baseChecks(config, openStore),
    ...(await chatChecks(config)),
    ...(await assistantChecks(config)),
    ...statusPageChecks(config, plan),
    ...(await pagerChecks(config)),
    ...planChecks({ plan, registry, requestTimeoutMs }),
  ]);
  await adapters.close();
  console.log(argv.includes("--json") ? JSON.stringify(found, undefined, 2) : doctorText(found, process.stdout.isTTY));
  return found.some(({ state }) => state === "failed") ? 1 : 0;
}

async function schema(): Promise<void> {
  const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
  await writeSchema(registry);
  await close();
  console.log("plans/schema.json is written.");
}
