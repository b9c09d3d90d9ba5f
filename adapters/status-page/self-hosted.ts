import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { statusFiles } from "../../src/status-page/files.ts";
import type { PostedUpdate, StatusPagePort } from "../../src/status-page/port.ts";
import type { PublicPage } from "../../src/status-page/views.ts";
import { writeWhole } from "../../src/write-whole.ts";
import { type PublicCopy, readCopy } from "./read-copy.ts";

interface SelfHostedOptions {
  directory?: string;
  /** Where the public reads it, which may be a copy or a cache. */
  publicCopy?: PublicCopy;
}

/**
 * The page that Muster serves itself at /status and, where a directory is given, keeps there as files, for an object
 * store or a web server outside the regions. What was posted is known by the markers that lie beside them.
 */
export function createSelfHostedPage({ directory, publicCopy }: SelfHostedOptions): StatusPagePort {
  const source = publicCopy ?? (directory === undefined ? undefined : { directory });
  return {
    ...(source && { read: (updates: PostedUpdate[], signal: AbortSignal) => readCopy(source, updates, signal) }),
    id: "page",
    name: directory === undefined ? "/status" : `/status and ${directory}`,
    paceMs: 0,
    // A file that lies somewhere else must show that somebody still looks after it.
    refreshMs: 60_000,
    async post(update, { marker, page }) {
      const incident = page.incidents.find(({ startedAt }) => startedAt === update.startedAt)?.id ?? update.startedAt;
      // Without files nothing leaves this process: to post is to say so in the journal, which has a key for it.
      if (directory !== undefined) await write(directory, page, { ...(await markers(directory)), [marker]: incident });
      return incident;
    },
    async find(marker) {
      return directory === undefined ? undefined : (await markers(directory))[marker];
    },
    async show(page) {
      if (directory !== undefined) await write(directory, page, await markers(directory));
    },
  };
}

const MARKERS = ".markers.json";
const MOST_MARKERS = 500;

/** The incident of each update that was posted, by its marker. */
const Markers = z.record(z.string(), z.string());
type Markers = z.infer<typeof Markers>;

async function markers(directory: string): Promise<Markers> {
  try {
    const known = Markers.safeParse(JSON.parse(await readFile(join(directory, MARKERS), "utf8")));
    return known.success ? known.data : {};
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw notWritten(directory, error);
  }
}

async function write(directory: string, page: PublicPage, posted: Markers): Promise<void> {
  const files = statusFiles(page);
  try {
    await mkdir(directory, { recursive: true });
    for (const { name, text } of files) await writeWhole(directory, join(directory, name), text);
    await writeWhole(
      directory,
      join(directory, MARKERS),
      `${JSON.stringify(Object.fromEntries(Object.entries(posted).slice(-MOST_MARKERS)))}\n`,
    );
  } catch (error) {
    throw notWritten(directory, error);
  }
}

function notWritten(directory: string, cause: unknown): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `The status page cannot be written to ${directory} (${(cause as NodeJS.ErrnoException).code ?? "unknown"}).`,
    hint: "Give Muster's user the right to write there, and room; it goes on trying.",
    retryable: true,
    cause,
  });
}
