import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { createSlackConnection } from "../adapters/chat/slack/index.ts";
import { commands } from "../commands/index.ts";
import { readBlocks } from "../lab/slack/blocks.ts";
import { startSlackServer } from "../lab/slack/server.ts";
import { CHANNEL } from "../lab/slack/state.ts";
import { connectChat } from "../src/chat/connect.ts";
import { systemClock } from "../src/clock.ts";
import { createDispatcher } from "../src/commands/dispatch.ts";
import { unlinkedCaller } from "../src/people/identity.ts";
import { LEASE_MS, openWorld, stepsOf } from "./world.ts";

const TOKENS = { botToken: "xoxb-bench-token", appToken: "xapp-bench-token", signingSecret: "bench-signing-secret" };
const WRITES = ["chat.postMessage", "chat.update"];
const APPLY_MS = 500;
const SHOWN_WITHIN_MS = 30_000;

export interface EditsBench {
  steps: number;
  runMs: number;
  /** Calls that wrote in the channel, and the most of them in any second. */
  writes: number;
  mostInASecond: number;
  /** From the end of the run until its card said so. */
  lastShownAfterMs: number;
}

/** A run of 500 steps, followed in a channel at the pace that Slack takes. */
export async function benchEdits(): Promise<EditsBench> {
  const steps = stepsOf(Array.from({ length: 10 }, () => [5, 10, 20, 10, 5]).flat());
  const world = await openWorld(steps, APPLY_MS);
  const slack = await startSlackServer({ people: ["operator"], ...TOKENS });
  const logger = pino({ level: "silent" });
  const { core, journal, store } = world;
  const { botToken, appToken } = TOKENS;
  const apiUrl = `${slack.url}/api/`;
  const chat = connectChat({
    connection: createSlackConnection({ botToken, appToken, channel: CHANNEL, pinEmoji: [], apiUrl, logger }),
    core,
    journal,
    store,
    dispatcher: createDispatcher({ core, commands, directory: { list: () => [] }, logger }),
    callerOf: async ({ account }) => unlinkedCaller({ system: "slack", account }),
    clock: systemClock,
    logger,
    holder: "bench",
    leaseMs: LEASE_MS,
  });
  try {
    chat.start();
    while ((await store.getRecord("chat/slack/from")) === undefined) await sleep(20);
    const { runId, startedAt = "", endedAt = "" } = await world.run();
    const isShown = () =>
      slack.state.messages.some(
        ({ metadata, blocks }) =>
          JSON.stringify(metadata ?? "").includes(`/${runId}"`) && readBlocks(blocks).text.includes("completed"),
      );
    const deadline = performance.now() + SHOWN_WITHIN_MS;
    while (!isShown() && performance.now() < deadline) await sleep(10);
    const lastShownAfterMs = isShown() ? Date.now() - Date.parse(endedAt) : Number.POSITIVE_INFINITY;
    const moments = slack.calls.filter(({ method }) => WRITES.includes(method)).map(({ at }) => at);
    const mostInASecond = Math.max(
      ...moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length),
    );
    const runMs = Date.parse(endedAt) - Date.parse(startedAt);
    return { steps: steps.length, runMs, writes: moments.length, mostInASecond, lastShownAfterMs };
  } finally {
    await chat.stop();
    await slack.close();
    await world.close();
  }
}
