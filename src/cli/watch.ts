import { createLogUpdate } from "log-update";
import type { Card } from "../cards/card.ts";
import { AppError } from "../errors.ts";
import type { RunPhase } from "../state.ts";
import type { Client, WireAnswer } from "./client.ts";
import { EXIT } from "./exit-codes.ts";
import { cleanText } from "./terminal-card.ts";

export interface WatchOptions {
  client: Pick<Client, "call">;
  out: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  err: { write(text: string): unknown };
  render(card: Card): string;
  /** Nothing is printed but the data at the end. */
  json: boolean;
  signal?: AbortSignal | undefined;
  pollMs?: number;
  /** How long a server that went away is waited for. */
  patienceMs?: number;
}

const OVER: ReadonlySet<RunPhase> = new Set(["completed", "aborted", "cancelled", "halted"]);

/** Shows a run until it ends or needs a person; the exit code says which. A server that restarts is waited for. */
export async function watchRun(runId: string, options: WatchOptions): Promise<number> {
  const show = createShow(options);
  for (;;) {
    const answer = await askPatiently(options, "run", { run: runId });
    const { phase } = (answer.data as { run: { phase: RunPhase } }).run;
    const over = OVER.has(phase);
    show.update(answer.card, over);
    if (over && options.json) options.out.write(`${JSON.stringify(answer.data)}\n`);
    if (over) return phase === "completed" ? EXIT.done : EXIT.halted;
    if (!(await pause(options))) return interrupted(runId, options);
  }
}

/** Whoever presses Ctrl-C must know what it did, and a script must not go on as if the run were done. */
function interrupted(runId: string, { err }: WatchOptions): number {
  err.write(
    `\nNo longer watching; ${runId} goes on without you. "run ${runId} --watch" watches it again, "pause ${runId}" holds it.\n`,
  );
  return EXIT.interrupted;
}

/** Shows the status again and again until it is interrupted. */
export async function watchStatus(options: WatchOptions): Promise<number> {
  const show = createShow(options);
  do show.update((await askPatiently(options, "status", {})).card, false);
  while (await pause(options));
  return EXIT.done;
}

/** Redraws on a terminal; elsewhere prints a line for each thing that changed. */
function createShow({ out, render, json }: WatchOptions) {
  if (json) return { update: () => {} };
  if (out.isTTY) {
    const log = createLogUpdate(out as NodeJS.WriteStream);
    return {
      update: (card: Card, last: boolean) => {
        log(render(last ? card : small(card)));
        if (last) log.done();
      },
    };
  }
  const seen = new Map<string, string>();
  const say = (key: string, state: string, line: string) => {
    if (seen.get(key) !== state) out.write(`${cleanText(line)}\n`);
    seen.set(key, state);
  };
  return {
    update: (card: Card, last: boolean) => {
      say("title", card.title, card.title);
      for (const text of card.text ?? []) say(`text ${text}`, "", `  ${text}`);
      for (const [name = "", state = "", ...rest] of card.table?.rows ?? []) {
        // The clock of a waiting step is no news.
        if (state.startsWith("○")) seen.set(name, state);
        else say(name, state, `  ${state}  ${name}  ${rest.filter((one) => one !== "").join("  ")}`);
      }
      if (last) out.write(`${render(card)}\n`);
    },
  };
}

/** What moves, in few enough lines for a terminal; the whole card follows at the end. */
function small({ facts = [], table, buttons: _, ...card }: Card): Card {
  const rows =
    table?.rows.map((row) => (row[1]?.startsWith("✓") || row[1]?.startsWith("○") ? row.slice(0, -1) : row)) ?? [];
  const kept = facts.filter(({ label }) => label === "Time" || label === "Approval");
  return { ...card, facts: kept, ...(table && { table: { ...table, rows } }) };
}

async function askPatiently(options: WatchOptions, name: string, input: object): Promise<WireAnswer> {
  const { client, err, patienceMs = 60_000, pollMs = 500 } = options;
  const since = performance.now();
  for (let said = false; ; ) {
    try {
      return await client.call(name, input);
    } catch (error) {
      const gone = error instanceof AppError && (error.code === "server-unreachable" || error.code === "rate-limited");
      if (!gone || performance.now() - since > patienceMs || options.signal?.aborted) throw error;
      if (!said) err.write("The server does not answer; trying again …\n");
      said = true;
      await sleep(pollMs, options.signal);
    }
  }
}

async function pause({ pollMs, out, signal }: WatchOptions): Promise<boolean> {
  await sleep(pollMs ?? (out.isTTY ? 500 : 1_000), signal);
  return signal?.aborted !== true;
}

export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
