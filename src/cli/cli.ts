import type { Readable } from "node:stream";
import pc from "picocolors";
import type { Card } from "../cards/card.ts";
import { commandHelp, helpCard } from "../cards/help.ts";
import { errorCard } from "../cards/plain.ts";
import type { Command } from "../commands/command.ts";
import { findCommand, parseWords } from "../commands/parse.ts";
import { toJson, wireEvent } from "../commands/wire.ts";
import type { Core } from "../core.ts";
import { AppError, reportError } from "../errors.ts";
import type { DomainEvent } from "../events.ts";
import type { Head } from "../journal/store.ts";
import { backUp, FILE_VERBS, type FileVerb, fileVerb, type Restore, restore } from "./backup.ts";
import { type Client, createClient } from "./client.ts";
import { EXIT, EXIT_TEXTS, exitCodeOf } from "./exit-codes.ts";
import { type CliFlags, FLAG_TEXTS, readFlags } from "./flags.ts";
import { followJournal } from "./follow.ts";
import { readOffline } from "./offline-read.ts";
import { type OfflineRunOptions, offlineRun, readTranscriptFile } from "./offline-run.ts";
import { terminalCard } from "./terminal-card.ts";
import { findToken } from "./tokens.ts";
import { type WatchOptions, watchRun, watchStatus } from "./watch.ts";

export interface CliOptions {
  commands: readonly Command[];
  /** MUSTER_TOKEN, MUSTER_URL, MUSTER_PORT, MUSTER_DATA, NO_COLOR, FORCE_COLOR and TERM are read from it. */
  env: Record<string, string | undefined>;
  stdout: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  stderr: { write(text: string): unknown };
  /** Of this checkout; a server tells its own with `status`. */
  version?: () => string;
  /** Opens a journal for reading, without a server. */
  openOffline?: (directory: string) => Promise<{ core: Core; close(): Promise<void> }>;
  /** Makes a journal of a backup's events in a directory that has none. */
  restore?: Restore;
  /** A Muster of one's own on a journal in this directory, without a server. */
  openLocal?: OfflineRunOptions["openLocal"];
  stdin?: Readable;
  /** Ends --watch and --follow. */
  signal?: AbortSignal;
  fetch?: typeof fetch;
  pollMs?: number;
}

const DEFAULT_PORT = "4646";

/** `dr`: words to a command of the server, its answer to text. Resolves to the exit code; never throws. */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  let json = argv.includes("--json");
  try {
    const { flags, words } = readFlags(argv);
    json = flags.json;
    if (words[0] === "--version") {
      options.stdout.write(`${options.version?.() ?? "unknown"}\n`);
      return EXIT.done;
    }
    if (flags.help || words.length === 0 || words[0] === "help") return help(words, flags, options);
    const asked = fileVerb(words);
    if (asked) return await runFileVerb(asked, flags, options);
    if (flags.offline) return await runHere(words, flags, options);
    if (words[0] === "import") return await importHere(words, flags, options);
    const { command, input, given } = parseWords(options.commands, words);
    checkFlags(command, flags);
    return flags.data === undefined
      ? await online(command, { input, given }, flags, options)
      : await readHere(command, given, flags, options);
  } catch (error) {
    return fail(error, json, options);
  }
}

/** `run --offline`: the one command that does something without a server. */
async function runHere(words: readonly string[], flags: CliFlags, options: CliOptions): Promise<number> {
  const { openLocal, env, stdin = process.stdin } = options;
  if (!openLocal) throw new Error("this build cannot run anything without a server");
  const { token } = findToken(flags.as, env, env.MUSTER_DATA ?? ".muster");
  const local = {
    ...options,
    openLocal,
    stdin,
    signal: options.signal,
    render: (card: Card) => render(card, flags, options),
  };
  return await offlineRun(words, { data: flags.data, token }, local);
}

/** `import <file>`: larger than what a command may carry, so it has a door of its own. */
async function importHere(words: readonly string[], flags: CliFlags, options: CliOptions): Promise<number> {
  const transcript = await readTranscriptFile(words);
  const { data, card } = await connect(flags, options).importOffline(transcript);
  print(card, data, flags, options);
  return EXIT.done;
}

async function online(
  command: Command,
  { input, given }: { input: unknown; given: object },
  flags: CliFlags,
  options: CliOptions,
): Promise<number> {
  const { stdout, stderr, signal, pollMs } = options;
  const client = connect(flags, options);
  if (flags.follow)
    return followJournal(input as Record<string, unknown>, {
      client,
      out: stdout,
      json: flags.json,
      signal,
      ...(pollMs && { pollMs }),
    });

  const watching: WatchOptions = {
    client,
    out: stdout,
    err: stderr,
    render: (card) => render(card, flags, options),
    json: flags.json,
    signal,
    ...(pollMs && { pollMs }),
  };
  if (flags.watch && command.name === "status") return watchStatus(watching);
  if (flags.watch && command.name === "run") return watchRun((input as { run: string }).run, watching);
  const { data, card } = await client.call(command.name, given);
  const runId = (data as { run?: { runId?: string } } | null)?.run?.runId;
  if (flags.watch && runId !== undefined) {
    if (!flags.json) print(card, data, flags, options);
    return watchRun(runId, watching);
  }
  print(card, data, flags, options);
  return exitCodeOfData(command, data);
}

function connect(flags: CliFlags, { env, stderr, fetch }: CliOptions): Client {
  const { token, notice } = findToken(flags.as, env, env.MUSTER_DATA ?? ".muster");
  if (notice) stderr.write(`${notice}\n`);
  const url = flags.url ?? env.MUSTER_URL ?? `http://127.0.0.1:${env.MUSTER_PORT ?? DEFAULT_PORT}`;
  return createClient(url, token, fetch);
}

/** A command that only reads, from a directory and without a server. */
async function readHere(command: Command, input: unknown, flags: CliFlags, options: CliOptions): Promise<number> {
  const { data, card } = await readOffline(command, input, flags.data ?? "", options);
  options.stderr.write(`Read from ${flags.data} without a server; nothing newer than its last event is known.\n`);
  const events = command.name === "journal" ? (data as DomainEvent[]).map(wireEvent) : data;
  print(card, events, flags, options);
  return exitCodeOfData(command, data);
}

async function runFileVerb(asked: FileVerb, flags: CliFlags, options: CliOptions): Promise<number> {
  const { verb, file } = asked;
  const head =
    verb === "restore" ? await restore(file, flags.data, options.restore) : await backUpFrom(file, flags, options);
  const data = { [verb === "backup" ? "backedUp" : "restored"]: file, events: head.seq, head };
  const title = verb === "backup" ? `${file} holds the journal` : `The journal of ${file} is in ${flags.data}`;
  const facts = [
    { label: "Events", value: `${head.seq}, each checked against the one before it` },
    { label: "Head", value: head.hash },
  ];
  print({ title, status: "ok", facts, fallback: title }, data, flags, options);
  return EXIT.done;
}

async function backUpFrom(file: string, flags: CliFlags, options: CliOptions): Promise<Head> {
  if (flags.data === undefined) return backUp(file, await connect(flags, options).backup());
  if (!options.openOffline) throw new Error("this build cannot read a journal without a server");
  const { core, close } = await options.openOffline(flags.data);
  return backUp(file, core.journal.backup()).finally(close);
}

function checkFlags(command: Command, { watch, follow, data }: CliFlags): void {
  const changesRun = [
    "failover",
    "failback",
    "rollback",
    "approve",
    "retry",
    "skip",
    "pause",
    "resume",
    "abort",
  ].includes(command.name);
  if (watch && !changesRun && command.name !== "status" && command.name !== "run") {
    throw usage(
      `--watch does nothing with "${command.name}".`,
      "It goes with status, run, approve, and what proposes or changes a run.",
    );
  }
  if (follow && command.name !== "journal")
    throw usage("--follow goes with journal only.", 'Try "dr journal --follow".');
  if (data !== undefined && (watch || follow))
    throw usage("Without a server there is nothing to wait for.", "Leave out --watch and --follow.");
}

function usage(summary: string, hint: string): AppError {
  return new AppError({ code: "bad-input", summary, hint });
}

function help(words: readonly string[], flags: CliFlags, options: CliOptions): number {
  const asked = words[0] === "help" ? words.slice(1) : words;
  const file = FILE_VERBS.find(([usage]) => usage.split(" ")[0] === asked[0]);
  if (file !== undefined) {
    const [usage, text] = file;
    print({ title: usage, status: "info", text: [text], fallback: text }, { usage, text }, flags, options);
    return EXIT.done;
  }
  const list = asked.length > 0 ? [findCommand(options.commands, asked).command] : options.commands;
  const card = helpCard(list.map(commandHelp));
  if (asked.length === 0) {
    const rows = [
      ...FILE_VERBS.map(([usage, text]) => [usage, text]),
      ...FLAG_TEXTS.map(([flag, text]) => [flag, text]),
      ...EXIT_TEXTS.map(([code, text]) => [`exit ${code}`, text]),
    ];
    const more: Card = {
      title: "Files, flags and exit codes",
      status: "info",
      table: { columns: ["", ""], rows },
      fallback: "",
    };
    if (!flags.json) print(card, undefined, flags, options);
    print(flags.json ? card : more, list.map(commandHelp), flags, options);
  } else print(card, list.map(commandHelp), flags, options);
  return EXIT.done;
}

function exitCodeOfData(command: Command, data: unknown): number {
  return command.name === "audit verify" && !(data as { ok: boolean }).ok ? EXIT.brokenJournal : EXIT.done;
}

function print(card: Card, data: unknown, flags: CliFlags, options: CliOptions): void {
  options.stdout.write(flags.json ? `${toJson(data, 2)}\n` : `${render(card, flags, options)}\n`);
}

function render(card: Card, flags: Partial<CliFlags>, { env, stdout, commands }: CliOptions): string {
  const { color = true } = flags;
  const wanted = color && !env.NO_COLOR && env.TERM !== "dumb";
  const colors = pc.createColors(wanted && (stdout.isTTY === true || Boolean(env.FORCE_COLOR)));
  // Piped text is read by programs and pagers, which wrap by themselves.
  const width = Math.min(160, Math.max(40, stdout.columns ?? 120));
  return terminalCard(card, { width, colors, commands, call: howCalled(flags, env) });
}

/** What comes next must reach the same server as the same person, or it would be refused, or worse, be taken. */
function howCalled({ as, url }: Partial<CliFlags>, env: CliOptions["env"]): { before: string; after: string } {
  const before = env.npm_lifecycle_event === "dr" ? "npm run dr --" : "dr";
  return { before, after: `${as === undefined ? "" : ` --as ${as}`}${url === undefined ? "" : ` --url ${url}`}` };
}

function fail(error: unknown, json: boolean, options: CliOptions): number {
  const report = reportError(error);
  if (!(error instanceof AppError)) report.hint = error instanceof Error ? error.message : String(error);
  if (json) options.stdout.write(`${toJson({ error: report }, 2)}\n`);
  else {
    const stderr = { ...options, stdout: { ...options.stdout, write: (text: string) => options.stderr.write(text) } };
    options.stderr.write(`${render(errorCard(report), {}, stderr)}\n`);
  }
  return exitCodeOf(report.code);
}
