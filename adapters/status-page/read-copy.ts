import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Reading } from "../../src/comms/decide-contradiction.ts";
import { Stage } from "../../src/comms/events.ts";
import type { PostedUpdate } from "../../src/status-page/port.ts";

/** The page under the address by which the public reads it. */
export interface PublicCopy {
  url: string;
  requestTimeoutMs: number;
}

/** What is read of status.json; the rest is not looked at. */
const Copy = z.object({
  components: z.array(z.object({ name: z.string(), state: z.string() })),
  incidents: z.array(
    z.object({ startedAt: z.string(), updates: z.array(z.object({ stage: Stage, text: z.string() })) }),
  ),
});

/** Asks as a reader would, and takes what a cache or a copy answers: that is what the public reads. */
export async function readCopy(
  source: PublicCopy | { directory: string },
  updates: PostedUpdate[],
  signal: AbortSignal,
): Promise<Reading> {
  const found = "url" in source ? await fetchCopy(source, signal) : await readFiles(source.directory);
  if ("away" in found) return { state: "away", summary: found.away };
  const copy = Copy.safeParse(found.content);
  if (!copy.success) return { state: "away", summary: "its status.json is not one of Muster's" };
  const { components, incidents } = copy.data;
  const missing = updates.filter(({ update: { startedAt, stage, text } }) => {
    const own = incidents.find((incident) => incident.startedAt === startedAt);
    return !own?.updates.some((there) => there.stage === stage && there.text === text);
  });
  return {
    state: "read",
    components: Object.fromEntries(components.map(({ name, state }) => [name, state])),
    missing: missing.map(({ marker }) => marker),
  };
}

type Found = { content: unknown } | { away: string };

async function fetchCopy({ url, requestTimeoutMs }: PublicCopy, signal: AbortSignal): Promise<Found> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/status.json`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    if (response.ok) return { content: await response.json() };
    await response.body?.cancel();
    return { away: `HTTP ${response.status}` };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof SyntaxError) return { away: "its status.json is not JSON" };
    return { away: (error as Error).name === "TimeoutError" ? "no answer in time" : "no connection" };
  }
}

async function readFiles(directory: string): Promise<Found> {
  try {
    return { content: JSON.parse(await readFile(join(directory, "status.json"), "utf8")) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { away: error instanceof SyntaxError ? "its status.json is not JSON" : `status.json: ${code ?? "unknown"}` };
  }
}
