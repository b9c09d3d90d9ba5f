import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusView } from "../src/cards/status-view.ts";
import { readFlags, tellUsage } from "../src/cli/usage.ts";
import { AppError, reportError } from "../src/errors.ts";
import { isRefused, type LabClient, startLab } from "./client.ts";
import { DEFAULT_DATA, DEFAULT_PORT } from "./defaults.ts";
import { forgetModelEmulator, startModelEmulator } from "./model/emulator.ts";
import { createMuster } from "./rehearsal/muster.ts";
import { type Server, startServer } from "./server.ts";
import { forgetSlackEmulator, startSlackEmulator } from "./slack/emulator.ts";
import { elsewhere, suggestions } from "./suggestions.ts";
import { forgetTeamsEmulator, startTeamsEmulator } from "./teams/emulator.ts";

/** `npm start`: the lab's world and Muster as siblings. The world outlives the server, and this process. */
const HEARTBEAT_MS = 10_000;
const SERVER_STOP_MS = 3000;
const STATUS_PATIENCE_MS = 2000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const say = (line: string) => console.error(line);
let heartbeat: NodeJS.Timeout | undefined;

async function start(argv: string[]): Promise<number> {
  const { data, port, slackEmulator, teamsEmulator, modelEmulator } = options(argv);
  const stopAsked = new Promise<"stop">((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve("stop"));
  });
  const { lab, started } = await startLab(data);
  forgetSlackEmulator(data);
  forgetTeamsEmulator(data);
  forgetModelEmulator(data);
  const slack = slackEmulator ? await startSlackEmulator(data, port + 1) : undefined;
  const teams = teamsEmulator ? await startTeamsEmulator(data, port, port + 2) : undefined;
  const model = modelEmulator ? await startModelEmulator(data) : undefined;
  const server = startServer(data, port, say);
  const serverFile = join(data, "lab", "server.json");
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(serverFile, JSON.stringify({ pid: server.pid, url }), { mode: 0o600 });
  const worldGone = watchWorld(lab);
  try {
    const outcome = await Promise.race([server.ready.then((address) => address ?? "ended"), stopAsked, worldGone]);
    if (outcome === "ended") {
      if (started) await lab.stop();
      return 1;
    }
    if (outcome !== "stop" && outcome !== "world-gone") {
      await welcome(outcome, { data, port }, lab, started, { slack: slack?.url, teams: teams?.url, model: model?.url });
    }
    const end = await Promise.race([server.exited, stopAsked, worldGone]);
    if (end === "stop") {
      await stopAll(server, lab);
      return 0;
    }
    if (end === "world-gone") {
      say("The lab's world has ended. `npm start` begins it again where it was.");
      await server.stop(SERVER_STOP_MS);
      return 1;
    }
    say(
      `The Muster server ended by itself (${end.signal ?? `exit code ${end.code}`}); its log is ${join(data, "server.log")}.`,
    );
    say("The lab's world goes on running. `npm start` goes on from there.");
    return 1;
  } finally {
    rmSync(serverFile, { force: true });
    await slack?.close();
    await teams?.close();
    await model?.close();
    clearInterval(heartbeat);
    for (const signal of SIGNALS) process.removeAllListeners(signal);
  }
}

/** Says every ten seconds that the world is in use; resolves when it is gone. */
function watchWorld(lab: LabClient): Promise<"world-gone"> {
  return new Promise((resolve) => {
    heartbeat = setInterval(() => {
      lab.heartbeat().catch((error) => isRefused(error) && resolve("world-gone"));
    }, HEARTBEAT_MS);
  });
}

async function stopAll(server: Server, lab: LabClient): Promise<void> {
  say("Stopping …");
  await server.stop(SERVER_STOP_MS);
  await lab.stop();
  say("Everything has ended. `npm start` goes on from here.");
}

interface Emulated {
  slack: string | undefined;
  teams: string | undefined;
  model: string | undefined;
}

async function welcome(
  address: string,
  { data, port }: Pick<Options, "data" | "port">,
  lab: LabClient,
  started: boolean,
  { slack, teams, model }: Emulated,
): Promise<void> {
  const { regions, redis } = await lab.state();
  // A greeting waits for nobody: without an answer there is less to try.
  const asked = createMuster(address, data).command<StatusView>("observer", "status", {});
  const patience = sleep(STATUS_PATIENCE_MS, undefined, { ref: false });
  const status = await Promise.race([asked.catch(() => undefined), patience]);
  const talk = [
    ...(slack ? [`\nSlack, emulated: ${slack} (be anybody, type /dr, press buttons)`] : []),
    ...(teams ? [`\nTeams, emulated: ${teams} (be anybody, type @Muster, press buttons)`] : []),
    ...(model
      ? [`\nA language model, emulated: ${model} (by rule; try npm run dr -- ask "is it safe to fail back?")`]
      : []),
  ].join("");
  const names = regions.map(({ code, killed }) => (killed ? `${code} (killed)` : code)).join(" and ");
  const tries = suggestions(regions, status);
  const width = Math.max(...tries.map(([command]) => command.length));
  console.log(`
Muster is ready: ${address}${talk}
The lab ${started ? "runs" : "was still running"}: ${names}, ${redis.label},
and clients that write all the time.

Things to try${elsewhere({ data, port })}:
${tries.map(([command, what]) => `  ${command.padEnd(width)}   ${what}`).join("\n")}

Ctrl-C ends everything; the next start goes on from here.
\`npm run reset\` begins anew.
`);
}

interface Options {
  data: string;
  port: number;
  slackEmulator: boolean;
  teamsEmulator: boolean;
  modelEmulator: boolean;
}

function options(argv: string[]): Options {
  const { values } = readFlags("start", argv, {
    data: { type: "string" },
    port: { type: "string" },
    "slack-emulator": { type: "boolean" },
    "teams-emulator": { type: "boolean" },
    "model-emulator": { type: "boolean" },
  });
  const text = values.port ?? process.env.MUSTER_PORT ?? `${DEFAULT_PORT}`;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new AppError({ code: "bad-input", summary: `${text} is not a port.`, hint: "For example --port 4646." });
  }
  return {
    data: resolve(values.data ?? process.env.MUSTER_DATA ?? DEFAULT_DATA),
    port,
    slackEmulator: values["slack-emulator"] === true,
    teamsEmulator: values["teams-emulator"] === true,
    modelEmulator: values["model-emulator"] === true,
  };
}

try {
  const argv = process.argv.slice(2);
  process.exitCode = tellUsage("start", argv) ? 0 : await start(argv);
} catch (error) {
  const { code, summary, hint } = reportError(error);
  if (code === "internal" && !(error instanceof AppError)) console.error(error);
  say([summary, hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
