import { connect, type Socket } from "node:net";
import { encodeCommand } from "./encode.ts";
import { createRespParser, RespError, type RespValue } from "./parse.ts";

export interface RespClient {
  /** Sends one command. Rejects with RespError for the server's refusal, with another Error when it did not answer. */
  command(...parts: (string | number)[]): Promise<RespValue>;
  close(): void;
}

export interface RespClientOptions {
  host?: string;
  port: number;
  timeoutMs: number;
  /** Told to the server with CLIENT SETNAME, so that gates know which region a connection comes from. */
  name?: string;
}

interface Waiter {
  resolve(value: RespValue): void;
  reject(error: Error): void;
}

const MAX_WAITING = 10_000;

/**
 * The smallest client that the lab's own processes need: one connection, made again at the next command after
 * it was lost. The lab does not use ioredis here, since a pod must start in milliseconds and stay small.
 */
export function createRespClient({ host = "127.0.0.1", port, timeoutMs, name }: RespClientOptions): RespClient {
  let socket: Socket | undefined;
  let waiting: Waiter[] = [];

  function drop(error: Error): void {
    const dropped = waiting;
    waiting = [];
    socket?.destroy();
    socket = undefined;
    for (const waiter of dropped) waiter.reject(error);
  }

  function open(): Socket {
    const opened = connect({ host, port, noDelay: true });
    const parser = createRespParser(
      (value) => {
        const waiter = waiting.shift();
        if (value instanceof RespError) waiter?.reject(value);
        else waiter?.resolve(value);
      },
      { maxBulkBytes: 16 * 1024 * 1024 },
    );
    opened.on("data", (chunk) => {
      try {
        if (socket === opened) parser.push(chunk);
      } catch (error) {
        drop(error as Error);
      }
    });
    opened.on("error", (error) => socket === opened && drop(error));
    opened.on("close", () => socket === opened && drop(new Error("The connection was closed.")));
    socket = opened;
    if (name) send(opened, ["CLIENT", "SETNAME", name]).catch(() => {});
    return opened;
  }

  function send(on: Socket, parts: (string | number)[]): Promise<RespValue> {
    return new Promise((resolve, reject) => {
      // An answer that comes late would be taken for the next command's: a timeout costs the connection.
      const timer = setTimeout(() => socket === on && drop(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs);
      waiting.push({
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      on.write(encodeCommand(parts));
    });
  }

  return {
    async command(...parts) {
      if (waiting.length >= MAX_WAITING) throw new Error("Too many commands are waiting for an answer.");
      return send(socket ?? open(), parts);
    },
    close: () => drop(new Error("The client was closed.")),
  };
}
