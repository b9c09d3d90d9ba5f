import type { WireEvent } from "../commands/wire.ts";
import { describeEvent } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { instant } from "../format.ts";
import type { Client } from "./client.ts";
import { EXIT } from "./exit-codes.ts";
import { cleanText } from "./terminal-card.ts";
import { sleep } from "./watch.ts";

export interface FollowOptions {
  client: Client;
  out: { write(text: string): unknown };
  json: boolean;
  signal?: AbortSignal | undefined;
  pollMs?: number;
}

/** Prints events as they come, one a line, until it is interrupted. */
export async function followJournal(query: Record<string, unknown>, options: FollowOptions): Promise<number> {
  const { client, out, json, signal, pollMs = 500 } = options;
  let after = (query.after as number | undefined) ?? Math.max(0, (await client.head()) - 10);
  while (!signal?.aborted) {
    const events = await client.journal({ ...query, after });
    for (const event of events) out.write(`${json ? JSON.stringify(event) : eventLine(event)}\n`);
    after = events.at(-1)?.seq ?? after;
    if (events.length === 0) await sleep(pollMs, signal);
  }
  return EXIT.done;
}

function eventLine(event: WireEvent): string {
  const text = describeEvent(event as DomainEvent).replaceAll("\n", " ");
  return cleanText(`${event.seq}  ${instant(event.at)}  ${event.kind}  ${event.actor}  ${text}`);
}
