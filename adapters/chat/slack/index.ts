import { App, SocketModeReceiver } from "@slack/bolt";
import type { ChatConnection } from "../../../src/chat/port.ts";
import { createSlackChat, createSlackClient, silentLogger } from "./chat.ts";
import { listen } from "./listeners.ts";
import { createDoorReceiver, DOOR_PATH } from "./receiver.ts";
import { createAnswer, createWorking } from "./reply.ts";

export interface SlackOptions {
  botToken: string;
  /** With it, Socket Mode: no address of ours has to be reachable in a disaster. */
  appToken?: string;
  /** With it, Slack calls `/slack/events`. */
  signingSecret?: string;
  channel: string;
  pinEmoji: readonly string[];
  /** Another Slack than Slack's, for trying things out. */
  apiUrl?: string;
  logger: { warn(fields: object, message: string): void };
  /** From when on people are told that it is worked on. */
  signAfterMs?: number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Slack on Bolt: Socket Mode where there is an app token, else Slack calls our door. */
export function createSlackConnection(options: SlackOptions): ChatConnection {
  const { botToken, appToken, signingSecret, channel, apiUrl, logger, signAfterMs } = options;
  const client = createSlackClient(botToken, apiUrl);
  const port = createSlackChat({ client, channel });
  const door = appToken === undefined ? createDoorReceiver(signingSecret ?? "") : undefined;
  const stopping = new AbortController();
  let app: App | undefined;
  let ownUser: string | undefined;

  /** Goes on trying: while Slack is away, everything else works. */
  async function reach(what: string, work: () => Promise<unknown>): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !stopping.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await work();
        return;
      } catch (error) {
        logger.warn({ err: error }, `Slack: ${what} failed; trying again`);
        await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  }

  return {
    port,
    start(handlers) {
      const receiver =
        door ??
        new SocketModeReceiver({
          appToken: appToken ?? "",
          logger: silentLogger,
          ...(apiUrl && { installerOptions: { clientOptions: { slackApiUrl: apiUrl } } }),
        });
      app = new App({
        receiver,
        logger: silentLogger,
        // One workspace, or one organisation: the token is ours, and is not asked about at each event.
        authorize: async () => ({ botToken, ...(ownUser !== undefined && { botUserId: ownUser }) }),
        ...(apiUrl && { clientOptions: { slackApiUrl: apiUrl } }),
      });
      const log = (error: unknown, what: string) =>
        logger.warn({ err: error }, `Slack: a ${what} could not be dealt with`);
      app.error(async (error) => log(error, "delivery"));
      listen({
        app,
        client,
        handlers,
        answer: createAnswer(client),
        working: createWorking({ client, log, ...(signAfterMs !== undefined && { afterMs: signAfterMs }) }),
        pinEmoji: options.pinEmoji,
        ownUser: () => ownUser,
        log,
      });
      void reach("auth.test", async () => {
        ownUser = (await client.auth.test()).user_id;
      });
      if (!door) void reach("connecting", () => app?.start() ?? Promise.resolve());
    },
    async stop() {
      stopping.abort();
      await app?.stop().catch(() => {});
    },
    ...(door && { door: { path: DOOR_PATH, handle: (request) => door.handle(request) } }),
  };
}
