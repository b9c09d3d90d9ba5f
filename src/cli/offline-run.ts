import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import type { Readable } from "node:stream";
import { parseArgs } from "node:util";
import type { Card } from "../cards/card.ts";
import { AppError } from "../errors.ts";
import { type Console, type LocalMuster, type OfflineRequest, runOffline } from "../offline/run.ts";
import { EXIT } from "./exit-codes.ts";
import { watchRun } from "./watch.ts";

export interface OfflineRunOptions {
  /** A Muster of one's own on the journal in this directory; it is a commander's token. */
  openLocal(
    directory: string,
    token: string,
  ): Promise<{ muster: LocalMuster; close(): Promise<{ transcript: string }> }>;
  stdin: Readable;
  stdout: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  stderr: { write(text: string): unknown };
  render(card: Card): string;
  signal: AbortSignal | undefined;
}

const OFFLINE_DIRECTORY = ".muster-offline";
const USAGE = 'run --offline <runbook> [<region>] --reason "…" [--data <directory>]';

/** `dr run --offline failover eu-central --reason "…"`: a run from this machine, while there is no store. */
export async function offlineRun(
  words: readonly string[],
  { data = OFFLINE_DIRECTORY, token }: { data: string | undefined; token: string },
  options: OfflineRunOptions,
): Promise<number> {
  const request = readRequest(words);
  const { muster, close } = await options.openLocal(data, token);
  const lines = createInterface({ input: options.stdin });
  const answers = lines[Symbol.asyncIterator]();
  const { stdout, stderr, render } = options;
  const terminal: Console = {
    say: (text) => stdout.write(`${text}\n`),
    show: (card) => stdout.write(`${render(card)}\n\n`),
    async ask(question) {
      stdout.write(`\n${question}\n> `);
      const { value, done } = await answers.next();
      return done ? undefined : (value as string);
    },
    async watch(runId) {
      const call = async (name: string, input: unknown) => {
        const { command, ...answer } = await muster.dispatcher.call(name, input, muster.caller);
        return { command: command.name, ...answer };
      };
      const client = { call };
      await watchRun(runId, {
        client,
        out: stdout,
        err: stderr,
        render,
        json: false,
        signal: options.signal,
        pollMs: 200,
      });
    },
  };
  let transcript = "";
  try {
    const run = await runOffline(muster, request, terminal);
    stdout.write(`\n${run.runId} ${run.phase}${run.endReason ? `: ${run.endReason}` : ""}.\n`);
    return run.phase === "completed" ? EXIT.done : EXIT.halted;
  } finally {
    lines.close();
    ({ transcript } = await close());
    stdout.write(`Its journal: ${transcript}\nWhen the store is back: npm run dr -- import ${transcript}\n`);
  }
}

/** What a local run left, from the words of `import <file>`. Throws AppError. */
export async function readTranscriptFile([, file, ...more]: readonly string[]): Promise<string> {
  const hint = `Name the file of a local run: dr import ${OFFLINE_DIRECTORY}/transcript.jsonl`;
  if (file === undefined || more.length > 0) throw new AppError({ code: "bad-input", summary: "Which file?", hint });
  return await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError({ code: "bad-input", summary: `${file} cannot be read.`, hint, cause });
  });
}

function readRequest(words: readonly string[]): OfflineRequest {
  try {
    const options = { reason: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [verb, runbook, target, ...more] = positionals;
    if (verb === "run" && runbook !== undefined && more.length === 0 && values.reason?.trim()) {
      return { runbook, target, reason: values.reason.trim().slice(0, 500) };
    }
  } catch {
    // What parseArgs has against it is said by the usage.
  }
  throw new AppError({
    code: "bad-input",
    summary: "A local run needs a runbook and a reason.",
    hint: `Usage: dr ${USAGE}`,
  });
}
