import { commands } from "../../commands/index.ts";
import type { Scene } from "../../lab/model/scenes.ts";
import type { Asked, ModelServer } from "../../lab/model/server.ts";
import type { AskResult } from "../../src/assistant/ask.ts";
import type { AssistantOptions } from "../../src/assistant/connect.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import type { Caller } from "../../src/core.ts";
import type { DomainEvent, EventKind } from "../../src/events.ts";
import { fakeDirectory } from "./core.ts";
import { startModel } from "./model.ts";
import { operator, startMuster, type TestMuster } from "./muster.ts";
import { makePlan, makeStep } from "./plan.ts";
import { createSwitchboard } from "./switchboard.ts";

export interface Asking {
  muster: TestMuster;
  server: ModelServer;
  /** As somebody types it. */
  ask(question?: string, caller?: Caller): Promise<AskResult>;
  card(question?: string, caller?: Caller): ReturnType<ReturnType<typeof createDispatcher>["text"]>;
  events<K extends EventKind>(kind: K): Promise<Extract<DomainEvent, { kind: K }>[]>;
  /** The model calls one tool after the other, and then answers with what `claims` makes of the results. */
  plays(calls: Call[], claims: (results: string[]) => Claims, command?: string | null): void;
  stop(): Promise<void>;
}

type Call = { name: string; input: unknown } | { name: string; text: string };
type Claims = { kind: "fact" | "hypothesis"; cites: string[]; text: string }[];

export const call = (name: string, input: unknown = {}): Call => ({ name, input });
export const fact = (text: string, ...cites: string[]): Claims[number] => ({ kind: "fact", cites, text });
export const answer = (claims: Claims, command: string | null = null): Scene => ({
  does: "calls",
  calls: [call("answer", { claims, command })],
});

/** A whole Muster, without doors, and the real client of a scripted model. */
export async function startAsking(
  questions: Partial<AssistantOptions["questions"]> = {},
  { deadlineSeconds = 5 } = {},
): Promise<Asking> {
  const { server, assistant } = await startModel({ deadlineSeconds });
  const plan = makePlan({
    failover: { steps: [makeStep("a")] },
    failback: { kind: "failback", steps: [makeStep("b")] },
  });
  const with_ = { ...assistant, questions: { ...assistant.questions, ...questions } };
  const muster = startMuster(plan, createSwitchboard(), undefined, { assistant: with_ });
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const logger = { error: () => {} };
  const dispatcher = createDispatcher({ core: muster.core, commands, directory: fakeDirectory, logger });
  const card: Asking["card"] = (question = "How are things?", caller = operator) =>
    dispatcher.text(`ask ${question}`, caller);
  return {
    muster,
    server,
    card,
    ask: async (question, caller) => (await card(question, caller)).data as AskResult,
    async events(kind) {
      const all = await muster.journal.read({ after: 0, limit: 1_000 });
      return all.filter((event): event is never => event.kind === kind);
    },
    plays(calls, claims, command = null) {
      const scenes = calls.map((one): Scene => ({ does: "calls", calls: [one] }));
      server.play(...scenes, ({ results }: Asked) => answer(claims(results), command));
    },
    async stop() {
      await muster.stop();
      await server.close();
    },
  };
}

/** The id of the first row or event of the results whose line has these words. */
export function idOf(results: readonly string[], words: string): string {
  const line = results.flatMap((text) => text.split("\n")).find((one) => /^[et]\d/.test(one) && one.includes(words));
  return /^[a-z0-9]+/.exec(line ?? "")?.[0] ?? "e0";
}
