import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { serve as listen } from "@hono/node-server";
import { type Logger, pino } from "pino";
import { createAdapters } from "../adapters/index.ts";
import { openPostgresStore } from "../adapters/store/postgres.ts";
import { openSqliteStore } from "../adapters/store/sqlite.ts";
import { openSqliteReader } from "../adapters/store/sqlite-reader.ts";
import { restoreSqliteJournal } from "../adapters/store/sqlite-restore.ts";
import { commands } from "../commands/index.ts";
import { runCli } from "./cli/cli.ts";
import { doctorText } from "./cli/doctor.ts";
import { systemClock } from "./clock.ts";
import { type Config, loadConfig } from "./config.ts";
import { createCore } from "./create-core.ts";
import { baseChecks } from "./doctor/base-checks.ts";
import { runChecks } from "./doctor/check.ts";
import { planChecks } from "./doctor/plan-checks.ts";
import { AppError, reportError } from "./errors.ts";
import { createHttp } from "./http/http.ts";
import type { JournalStore } from "./journal/store.ts";
import { openOffline } from "./offline.ts";
import { createDirectory, loadPeople } from "./people/people.ts";
import { quorumProblems } from "./people/quorum.ts";
import { adoptPlanInTime } from "./plans/adopt.ts";
import { writeSchema } from "./plans/json-schema.ts";
import { loadPlan } from "./plans/load.ts";

/** The one file that wires everything: nothing else knows which adapters, store and doors there are. */
const [verb, ...rest] = process.argv.slice(2);

try {
  if (verb === "serve") await serve(loadConfig(process.env));
  else if (verb === "dr") process.exitCode = await dr(rest);
  else if (verb === "schema") await schema();
  else if (verb === "doctor") process.exitCode = await doctor(rest);
  else
    throw new AppError({
      code: "bad-input",
      summary: `"${verb ?? ""}" is not something Muster does.`,
      hint: "serve, dr, schema, doctor",
    });
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
  const logger = pino(
    { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const instance = config.instance ?? `${hostname()}:${process.pid}`;
  const { requestTimeoutMs, leaseMs, kubeconfigPath, dataDirectory } = config;
  const { registry, close: closeAdapters } = createAdapters({
    requestTimeoutMs,
    secret: config.secret,
    ...(kubeconfigPath !== undefined && { kubeconfigPath }),
  });
  const plan = await loadPlan({
    path: config.planPath,
    registry,
    ...(config.varsPath && { varsPath: config.varsPath }),
  });
  const directory = createDirectory(config.peoplePath === undefined ? [] : await loadPeople(config.peoplePath));
  for (const problem of quorumProblems(plan, directory.list()))
    logger.warn({ problem }, "an approval could never be given");
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const store = await openStore(config);
  const { core, journal, workers, presence } = createCore({
    plan,
    registry,
    store,
    instance,
    clock: systemClock,
    logger,
    leaseMs,
    requestTimeoutMs,
    reportsDirectory: config.reportsDirectory,
    ...(config.storeUrl && { tailPath: join(dataDirectory, "last-events.json") }),
  });
  await presence.compare();
  const stopping = new AbortController();
  await adoptPlanInTime(journal, plan, systemClock, stopping.signal);
  const sessionSecret = readOrMakeSecret(join(dataDirectory, "session-secret"));
  const { openSignIn, allowedHosts } = config;
  const http = createHttp({ core, commands, directory, logger, openSignIn, allowedHosts, sessionSecret });
  const server = await open(http.fetch, config).catch(async (error) => {
    await store.close();
    throw error;
  });
  presence.start({ url: server.url, version: version() });
  for (const worker of workers) worker.start();
  console.log(`ready ${server.url}`);
  logger.info({ instance, url: server.url, plan: plan.digest }, "ready");
  await untilAsked(logger);
  stopping.abort();
  await server.close();
  await Promise.all(workers.map((worker) => worker.stop()));
  await presence.stop();
  await closeAdapters();
  await store.close();
  logger.info("stopped");
  // An open channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
}

async function openStore({ storeUrl, dataDirectory, failpoints }: Config): Promise<JournalStore> {
  const store = storeUrl ? await openPostgresStore({ url: storeUrl }) : openSqliteStore({ directory: dataDirectory });
  if (failpoints === undefined) return store;
  const { parseFailpoints, withFailpoints } = await import("./journal/failpoint.ts");
  return withFailpoints(store, parseFailpoints(failpoints));
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Kept beside the journal, so that nobody is signed out by a restart. Only this user may read it. */
function readOrMakeSecret(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  return readFileSync(path, "utf8");
}

/** Resolves when it listens. Throws AppError `port-in-use`. */
function open(
  fetch: Parameters<typeof listen>[0]["fetch"],
  { host, port }: Config,
): Promise<{ url: string; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch, hostname: host, port }, (address) => {
      resolve({
        url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            // Live feeds never end by themselves.
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    const summary = `Port ${port} on ${host} is in use, perhaps by another Muster.`;
    return new AppError({
      code: "port-in-use",
      summary,
      hint: "Stop what uses it, or set MUSTER_PORT (npm start -- --port 4747).",
    });
  }
  const summary = `Muster cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
  return new AppError({ code: "config-invalid", summary, hint: "Check MUSTER_HOST and MUSTER_PORT.", cause: error });
}

/** Until a signal comes, or the process that started this one with a channel is gone. */
function untilAsked(logger: Logger): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as NodeJS.Signals[];
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals | undefined) => {
      // A second Ctrl-C ends the process at once, as people expect.
      for (const one of signals) process.off(one, stop);
      logger.info({ signal: signal ?? "disconnect" }, "stopping");
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

async function dr(argv: string[]): Promise<number> {
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  return await runCli(argv, {
    commands,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopped.signal,
    restore: restoreSqliteJournal,
    openOffline: async (directory) => openOffline(openSqliteReader({ directory }), pino({ level: "silent" })),
  });
}

/** Looks at everything that the configuration names, with its credentials, and says what to mend. */
async function doctor(argv: string[]): Promise<number> {
  const config = loadConfig(process.env);
  const { requestTimeoutMs, kubeconfigPath, dataDirectory, storeUrl } = config;
  const adapters = createAdapters({
    requestTimeoutMs,
    secret: config.secret,
    ...(kubeconfigPath !== undefined && { kubeconfigPath }),
  });
  const { registry } = adapters;
  const plan = await loadPlan({
    path: config.planPath,
    registry,
    ...(config.varsPath && { varsPath: config.varsPath }),
  });
  const openStore = async () =>
    storeUrl ? await openPostgresStore({ url: storeUrl }) : openSqliteReader({ directory: dataDirectory });
  const found = await runChecks([
    ...baseChecks(config, openStore),
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
