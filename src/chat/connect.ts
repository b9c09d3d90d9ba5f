import type { Logger } from "pino";
import type { Dispatcher } from "../commands/dispatch.ts";
import type { Caller, Core } from "../core.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { createWorker, type Worker } from "../workers/worker.ts";
import { homeCards } from "./home.ts";
import { createInbox } from "./inbox.ts";
import { menuCard } from "./menu.ts";
import { createMirror } from "./mirror.ts";
import type { ChatAccount, ChatConnection, ChatHandlers } from "./port.ts";

export interface ConnectOptions {
  connection: ChatConnection;
  core: Core;
  journal: Journal;
  store: JournalStore;
  dispatcher: Dispatcher;
  /** Who an account of this chat is; somebody without roles when nobody has linked it. */
  callerOf(account: ChatAccount): Promise<Caller>;
  clock: Clock;
  logger: Logger;
  /** This start of this instance, as leases name their holder. */
  holder: string;
  /** May nobody work, because the store lost what was acknowledged? */
  isHalted?(): Promise<boolean>;
  leaseMs: number;
}

export interface ConnectedChat {
  /** Keeps the channel current, on one instance at a time. */
  worker: Worker;
  start(): void;
  stop(): Promise<void>;
}

/** Puts one chat in front of the core: what people do there goes in, what the journal says goes out. */
export function connectChat(options: ConnectOptions): ConnectedChat {
  const { connection, core, callerOf, holder, ...rest } = options;
  const { port } = connection;
  const mirror = createMirror({ ...rest, chat: port, core });
  const inbox = createInbox({ ...rest, chat: port.id, callerOf });
  const handlers: ChatHandlers = {
    handle: (inbound) => inbox.handle(inbound),
    present: async (messageId, account) => mirror.present(messageId, await callerOf(account)),
    menu: async (account) => menuCard(await callerOf(account)),
    home: async (account) => homeCards(core, await callerOf(account)),
    async choices() {
      const { active } = await core.state();
      const regions = Object.values(core.plan.regions);
      return { regions: regions.map(({ code, name }) => ({ code, name, active: code === active })) };
    },
  };
  const worker = createWorker({ ...rest, name: `chat:${port.id}`, instance: holder, work: mirror.work });
  return {
    worker,
    start() {
      worker.start();
      connection.start(handlers);
    },
    async stop() {
      await connection.stop();
      await worker.stop();
    },
  };
}
