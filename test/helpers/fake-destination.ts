import type { Destination, Message } from "../../src/deliveries/port.ts";
import type { AppError } from "../../src/errors.ts";

/** A destination in this process that is told every note: keeps what arrives, refuses what it is told to refuse. */
export interface FakeDestination extends Destination<string> {
  /** What has taken effect. */
  arrived: { marker: string; text: string; late: boolean }[];
  calls: string[];
  /** Thrown by a call about a message whose text this matches. */
  failures: { text: RegExp; error: AppError }[];
  /** Awaited by the next call after it has taken effect, before it answers. */
  holdAnswer: Promise<void> | undefined;
}

export interface FakeDestinationOptions {
  id?: string;
  /** Can it be asked what arrived? Else it may be told twice. */
  finds?: boolean;
  merges?: boolean;
  quiet?: boolean;
  lateMs?: number;
  skip?: Destination<string>["skip"];
}

export function createFakeDestination(options: FakeDestinationOptions = {}): FakeDestination {
  const { id = "fake", finds = true, merges = false, quiet = false, lateMs, skip } = options;
  const answer = (call: string, text: string) => {
    fake.calls.push(call);
    const failure = fake.failures.find((one) => one.text.test(text));
    if (failure) throw failure.error;
  };
  const fake: FakeDestination = {
    id,
    name: "the fake",
    paceMs: 1,
    ...(lateMs !== undefined && { lateMs }),
    arrived: [],
    calls: [],
    failures: [],
    holdAnswer: undefined,
    messagesOf(event) {
      if (event.kind !== "note.added") return [];
      return [{ what: `note ${event.data.noteId}`, body: event.data.text, ...(quiet && { quiet }) }];
    },
    ...(skip && { skip }),
    ...(merges && { merge: joined }),
    async send({ body }, { marker, late }) {
      answer(`send ${body}`, body);
      fake.arrived.push({ marker, text: body, late });
      const hold = fake.holdAnswer;
      fake.holdAnswer = undefined;
      await hold;
      return `remote-${fake.arrived.length}`;
    },
    ...(finds && {
      async find(marker: string) {
        answer(`find ${marker}`, marker);
        const at = fake.arrived.findIndex((one) => one.marker === marker);
        return at < 0 ? undefined : `remote-${at + 1}`;
      },
    }),
  };
  return fake;
}

function joined(late: readonly Message<string>[]) {
  return { what: "notes", body: late.map(({ body }) => body).join("+") };
}
