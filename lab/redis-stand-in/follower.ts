import { connect, type Socket } from "node:net";
import { encodeCommand } from "../resp/encode.ts";
import { createRespParser, RespError, type RespValue } from "../resp/parse.ts";
import type { History } from "./history.ts";

/** The replica's side of replication: one link to the primary, made again when it breaks. */
export interface Follower {
  host: string;
  port: number;
  linkUp(): boolean;
  /** Redis's word for where the link stands. */
  linkState(): "connect" | "sync" | "connected";
  downSince(): number;
  stop(): void;
}

export interface FollowerOptions {
  host: string;
  port: number;
  announcePort: number;
  password: string | undefined;
  history: History;
  timeoutMs: number;
  /** The whole data set of the primary. */
  load(dump: string): void;
  /** One command of the stream. */
  apply(parts: string[], stream: Buffer): void;
}

const RECONNECT_MS = 200;
const ACK_MS = 1000;
const MAX_DUMP_BYTES = 64 * 1024 * 1024;

export function followPrimary(options: FollowerOptions): Follower {
  const { host, port, history } = options;
  let socket: Socket | undefined;
  let state: "connect" | "sync" | "connected" = "connect";
  let downSince = Date.now();
  let heardAt = performance.now();
  let stopped = false;

  function lost(of: Socket): void {
    if (socket !== of) return;
    socket = undefined;
    of.destroy();
    if (state === "connected") downSince = Date.now();
    state = "connect";
    if (!stopped) setTimeout(open, RECONNECT_MS).unref();
  }

  function open(): void {
    if (stopped) return;
    const opened = connect({ host, port, noDelay: true });
    socket = opened;
    heardAt = performance.now();
    opened.on("error", () => lost(opened));
    opened.on("close", () => lost(opened));
    const receive = handshake();
    const parser = createRespParser(receive, { maxBulkBytes: MAX_DUMP_BYTES });
    opened.on("data", (chunk) => {
      heardAt = performance.now();
      try {
        if (socket === opened) parser.push(chunk);
      } catch {
        lost(opened);
      }
    });
    const send = (...parts: (string | number)[]) => opened.write(encodeCommand(parts));
    if (options.password) send("AUTH", options.password);
    send("PING");
    send("REPLCONF", "listening-port", options.announcePort);
    // The primary decides whether that history can be continued or a full copy is needed.
    send("PSYNC", history.id(), history.offset() + 1);
  }

  /** Reads the answer to PSYNC, then the copy if one comes, then the stream. */
  function handshake(): (value: RespValue, bytes: number) => void {
    let full: { id: string; offset: number } | undefined;
    return (value, bytes) => {
      if (state === "connected" && Array.isArray(value)) {
        const parts = value.map(String);
        const stream = encodeCommand(parts);
        // The offset counts the primary's bytes: what we would write differently must not be counted.
        if (stream.length !== bytes) throw new Error("The stream is not written as expected.");
        history.receive(stream);
        options.apply(parts, stream);
        if (parts[0] === "REPLCONF") acknowledge();
        return;
      }
      if (full && typeof value === "string") {
        options.load(value);
        history.adopt(full.id, full.offset);
        state = "connected";
        return;
      }
      if (value instanceof RespError) throw value;
      const [word, id, offset] = typeof value === "string" ? value.split(" ") : [];
      if (word === "FULLRESYNC") {
        full = { id: id!, offset: Number(offset) };
        state = "sync";
      } else if (word === "CONTINUE") {
        if (id && id !== history.id()) history.adopt(id, history.offset());
        state = "connected";
      }
    };
  }

  function acknowledge(): void {
    if (state === "connected") socket?.write(encodeCommand(["REPLCONF", "ACK", history.offset()]));
  }

  const acknowledging = setInterval(() => {
    // What was sent is no sign that somebody is there: a network that is cut takes it.
    if (socket && performance.now() - heardAt > options.timeoutMs) lost(socket);
    acknowledge();
  }, ACK_MS);
  open();

  return {
    host,
    port,
    linkUp: () => state === "connected",
    linkState: () => state,
    downSince: () => downSince,
    stop() {
      stopped = true;
      clearInterval(acknowledging);
      socket?.destroy();
    },
  };
}
