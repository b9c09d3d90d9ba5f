import type { Logger } from "pino";
import type { Command } from "../commands/command.ts";
import type { Dispatcher } from "../commands/dispatch.ts";
import type { Caller, Core } from "../core.ts";
import type { PeopleDirectory } from "../people/directory.ts";
import type { RateLimiter } from "../rate-limit.ts";
import type { Metrics } from "./metrics.ts";
import type { Sessions } from "./session.ts";

export interface HttpOptions {
  core: Core;
  commands: readonly Command[];
  directory: PeopleDirectory;
  logger: Pick<Logger, "info" | "warn" | "error">;
  metrics?: Metrics;
  /** In the lab people say who they are; elsewhere they show a token. Only ever with a loopback address. */
  openSignIn: boolean;
  /** Host names beside loopback under which this server may be called. */
  allowedHosts?: readonly string[];
  /** Signs session cookies; without it they end with the process. */
  sessionSecret?: string;
  rateLimit?: { perSecond: number; burst: number };
  /** How many live connections are held at once, and how many of them by one person. */
  maxStreams?: number;
  maxStreamsEach?: number;
  /** Made here when it is not given; whoever also lets people in elsewhere makes it. */
  dispatcher?: Dispatcher;
  doors?: Door[];
}

/** An address that a chat or another system calls; it verifies its caller itself, from the raw request. */
export interface Door {
  path: string;
  /** Throws AppError `not-authenticated` or `not-allowed` for whom it does not know. */
  handle(request: Request): Promise<Response>;
}

/** What route modules are given. */
export interface HttpContext extends HttpOptions {
  dispatcher: Dispatcher;
  sessions: Sessions;
  metrics: Metrics;
  streams: StreamSlots;
  /** One for all doors at which a token is shown, so that a guesser cannot take turns. */
  wrongTokens: RateLimiter;
}

/** Counts live connections, because each holds memory and work. */
export interface StreamSlots {
  /** Throws `rate-limited` when all are taken, or all of this person; returns what gives the slot back. */
  take(caller: Caller | undefined): () => void;
}

/** Set by the middleware for every request. */
export interface HttpEnv {
  Variables: {
    requestId: string;
    caller: Caller | undefined;
    /** How the caller was recognised; a cookie travels by itself, so its posts are held to a stricter rule. */
    via: "token" | "session" | undefined;
    /** The caller as of now: streams outlive a request, and end when nobody is behind them any more. */
    again: () => Promise<Caller | undefined>;
    /** It was refused before a command was reached, so that no `command.refused` tells of it. */
    turnedAway: boolean;
  };
}
