import { AppError } from "../errors.ts";
import { checkEvent, unsealEvent } from "../journal/chain.ts";
import { GENESIS_HASH, type Head, type JournalStore, type StoredEvent } from "../journal/store.ts";

const BATCH = 1_000;
/** A run has some hundreds of events; what is beyond this is not one person's night. */
const MOST_EVENTS = 20_000;

/** A whole journal as lines: each event's exact text with its hashes, so that whoever gets it can check each. */
export async function transcriptOf(store: Pick<JournalStore, "read">): Promise<string> {
  const lines: string[] = [];
  for (let after = 0; ; ) {
    const events = await store.read({ after, limit: BATCH });
    lines.push(...events.map(({ previousHash, hash, text }) => JSON.stringify({ previousHash, hash, text })));
    const last = events.at(-1);
    if (!last) return lines.map((line) => `${line}\n`).join("");
    after = last.seq;
  }
}

/** The events of a transcript, each checked against the one before. Throws AppError that names the first bad line. */
export function readTranscript(text: string): StoredEvent[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw bad("It holds no event.");
  if (lines.length > MOST_EVENTS) throw bad(`It holds more than ${MOST_EVENTS} events.`);
  let last: Head = { seq: 0, hash: GENESIS_HASH };
  return lines.map((line, index) => {
    const event = readLine(line);
    const reason = event ? checkEvent(event, last) : "it is not an event";
    if (!event || reason !== undefined) throw bad(`Line ${index + 1} does not hold: ${reason}.`);
    last = { seq: event.seq, hash: event.hash };
    return event;
  });
}

function readLine(line: string): StoredEvent | undefined {
  try {
    const { previousHash, hash, text } = JSON.parse(line) as Record<string, unknown>;
    if (typeof previousHash !== "string" || typeof hash !== "string" || typeof text !== "string") return undefined;
    const { seq, stream, version, key } = JSON.parse(text) as StoredEvent;
    return unsealEvent({ seq, stream, version, key, previousHash, hash, text });
  } catch {
    return undefined;
  }
}

function bad(summary: string): AppError {
  return new AppError({
    code: "bad-input",
    summary: `This is not the whole journal of a local run. ${summary}`,
    hint: "Nothing was imported. Use the file that `dr run --offline` named at its end, unchanged.",
  });
}
