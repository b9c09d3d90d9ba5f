import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { tellUsage } from "../src/cli/usage.ts";
import type { AuditResult } from "../src/core.ts";
import { AppError, reportError } from "../src/errors.ts";
import { startLab } from "./client.ts";
import { startModelEmulator } from "./model/emulator.ts";
import { startOutside } from "./outside/outside.ts";
import { startPagerDutyEmulator } from "./pagerduty/emulator.ts";
import { checkDocuments } from "./rehearsal/documents.ts";
import { handsOverHttp } from "./rehearsal/hands.ts";
import { handsInSlack } from "./rehearsal/hands-in-slack.ts";
import { handsInTeams } from "./rehearsal/hands-in-teams.ts";
import { createMuster } from "./rehearsal/muster.ts";
import { readObjectives } from "./rehearsal/objectives.ts";
import { type RehearsalOptions, readOptions } from "./rehearsal/options.ts";
import { answerThePage, checkPages } from "./rehearsal/pager.ts";
import { checkPromises } from "./rehearsal/promises.ts";
import { makeResult, type RehearsalResult, resultTables } from "./rehearsal/result.ts";
import { tellStory } from "./rehearsal/story.ts";
import { checkOutside } from "./rehearsal/told.ts";
import { startServer } from "./server.ts";
import { startSlackEmulator } from "./slack/emulator.ts";
import { startTeamsEmulator } from "./teams/emulator.ts";
import { pickPorts } from "./world/ports.ts";

/** `npm run rehearse`: a disaster from beginning to end, in a world of its own, measured from outside. */
const ROOT = join(import.meta.dirname, "..");
const PLAN = join(ROOT, "plans", "genai-api.yaml");
/** Of the latest rehearsal of each way to decide, so that two may go on side by side. */
const reportsOf = ({ through }: RehearsalOptions) =>
  join(ROOT, "reports", through === "http" ? "rehearsal" : `rehearsal-${through}`);
const SERVER_STOP_MS = 3_000;

async function rehearse(options: RehearsalOptions): Promise<RehearsalResult> {
  const began = performance.now();
  const say = (line: string) => console.error(`${clock(performance.now() - began)}  ${line}`);
  const data = mkdtempSync(join(tmpdir(), "muster-rehearsal-"));
  const reports = reportsOf(options);
  rmSync(reports, { recursive: true, force: true });
  process.env.MUSTER_REPORTS = reports;
  // A rehearsal is told in no real channel, and asks no real model.
  for (const name of Object.keys(process.env))
    if (/^MUSTER_(SLACK_|TEAMS_|STATUS|SMTP_|MAIL_|PAGERDUTY_|MODELS$)/.test(name)) delete process.env[name];
  // The story is over in a minute.
  const { lab } = await startLab(data, { env: { ...process.env, MUSTER_LAB_CHECK_INS: "20s" } });
  const slack = options.through === "slack" ? await startSlackEmulator(data) : undefined;
  // Teams calls Muster, so that it must know where before Muster listens.
  const [port = 0] = options.through === "teams" ? await pickPorts(1) : [];
  const teams = options.through === "teams" ? await startTeamsEmulator(data, port) : undefined;
  const model = await startModelOf(options, data, say);
  const pager = await startPagerDutyEmulator(data);
  const outside = await startOutside(["Question answering"]);
  Object.assign(process.env, outside.environment);
  const server = startServer(data, port, say);
  let stopping: Promise<unknown> | undefined;
  const stop = () => {
    stopping ??= server
      .stop(SERVER_STOP_MS)
      .then(() => slack?.close())
      .then(() => teams?.close())
      .then(() => model?.close())
      .then(() => pager.close())
      .then(() => outside.close())
      .then(() => lab.stop());
    return stopping;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().then(() => process.exit(1)));
  let ok = false;
  try {
    const url = await server.ready;
    if (url === undefined)
      throw new AppError({
        code: "internal",
        summary: "The server did not start.",
        hint: `Its log is ${join(data, "server.log")}.`,
      });
    say(`Muster listens at ${url}.`);
    pager.tell(url);
    const muster = createMuster(url, data);
    const hands = slack
      ? handsInSlack(slack.slack, muster)
      : teams
        ? handsInTeams(teams.teams, muster)
        : handsOverHttp(muster);
    const story = await tellStory({
      ...options,
      lab,
      muster,
      hands,
      say,
      onCall: () => answerThePage(pager.pagerduty, say),
    });
    const audit = await muster.command<AuditResult>("observer", "audit verify", {});
    const documents = join(reports, Object.keys(story.end.incidents)[0] ?? "");
    const objectives = readObjectives(PLAN);
    const kept = checkPromises(story, audit, objectives, options, readdirSync(documents));
    const promises = [
      ...kept,
      ...(await checkDocuments(muster, documents, options.model)),
      await checkPages(pager.pagerduty, muster),
      await checkOutside(outside, story.page),
      ...(await hands.promises()),
    ];
    for (const line of outside.log()) say(line);
    const about = {
      redis: (await lab.state()).redis.label,
      totalMs: performance.now() - began,
      documents: relative(process.cwd(), documents),
      notified: pager.pagerduty.notified,
    };
    const result = makeResult(story, promises, objectives, options, about);
    ok = result.ok;
    return result;
  } finally {
    await stop();
    if (ok && !options.keep) rmSync(data, { recursive: true, force: true });
    else say(`The journal and the logs are in ${data}.`);
  }
}

/** The model that the documents are drafted by; one that dies or freezes does so while it is being asked. */
async function startModelOf({ model }: RehearsalOptions, data: string, say: (line: string) => void) {
  if (model === "none") return undefined;
  const emulator = await startModelEmulator(data, model === "scripted" ? {} : { thinkMs: 1_500 });
  if (model === "scripted") return emulator;
  let done = false;
  emulator.onAsked(() => {
    if (done) return;
    done = true;
    emulator.signal(model === "dies" ? "SIGKILL" : "SIGSTOP");
    say(`The language model ${model} while it is being asked for a draft.`);
  });
  return emulator;
}

/** T+mm:ss */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `T+${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

async function main(argv: string[]): Promise<void> {
  const options = readOptions(argv);
  const result = await rehearse(options);
  console.log(
    options.json ? JSON.stringify(result, null, 2) : `\n${resultTables(result)}\n\nDocuments: ${result.documents}`,
  );
  const broken = result.promises.filter(({ kept }) => !kept);
  if (broken.length > 0) {
    console.error(`Broken: ${broken.map(({ promise, seen }) => `${promise} (${seen})`).join("; ")}.`);
    process.exitCode = 1;
  }
}

try {
  const argv = process.argv.slice(2);
  if (!tellUsage("rehearse", argv)) await main(argv);
} catch (error) {
  const { summary, hint } = reportError(error);
  console.error(error instanceof AppError ? [summary, hint].filter(Boolean).join("\n") : error);
  process.exitCode = 1;
}
