import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { encodeCommand } from "../../lab/resp/encode.ts";
import { createRespParser } from "../../lab/resp/parse.ts";

export interface RedisFront {
  port: number;
  /** While it is down, nobody gets through and who was through is cut off. */
  down(): void;
  up(): void;
  stop(): void;
}

export interface RedisFrontOptions {
  port: number;
  /** Where the Redis itself listens. */
  target: number;
  /** Called around every command that could change something; the next one waits until `after` is done. */
  onWrite(command: string[], remotePort: number | undefined): Promise<{ after(): Promise<void> }>;
}

/** Commands that change what a Redis is; CONFIG REWRITE only keeps what was changed. */
const isWrite = ([name = "", verb = ""]: string[]): boolean =>
  /^(replicaof|slaveof|bgsave|save)$/i.test(name) || (/^config$/i.test(name) && /^set$/i.test(verb));

/**
 * The door of one Redis, for clients and for its replica. It passes everything on, one command after the other,
 * and lets the world look at the Redis right before and right after each command that could change it.
 */
export async function startRedisFront({ port, target, onWrite }: RedisFrontOptions): Promise<RedisFront> {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer({ noDelay: true }, (near) => {
    if (!open) return void near.destroy();
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    relay(near, far, onWrite);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const cutOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    down() {
      open = false;
      cutOff();
    },
    up() {
      open = true;
    },
    stop() {
      server.close();
      cutOff();
    },
  };
}

function relay(near: Socket, far: Socket, onWrite: RedisFrontOptions["onWrite"]): void {
  let turn: Promise<void> = Promise.resolve();
  /** What was sent is a stream of bytes from here on; what is answered is one when all before it has been. */
  let streams = false;
  let answersStream = false;
  let replied: (() => void) | undefined;
  const replies = createRespParser(() => replied?.(), { maxBulkBytes: 64 * 1024 * 1024 });
  const gone = new Promise<void>((resolve) => far.on("close", () => resolve()));

  async function pass(command: string[]): Promise<void> {
    const write = isWrite(command) ? await onWrite(command, near.remotePort) : undefined;
    const answered = new Promise<void>((resolve) => {
      replied = resolve;
    });
    far.write(encodeCommand(command));
    await Promise.race([answered, gone]);
    await write?.after();
  }

  const commands = createRespParser(
    (value) => {
      if (!Array.isArray(value)) return;
      const command = value.map(String);
      if (/^(psync|sync)$/i.test(command[0] ?? "")) {
        streams = true;
        turn = turn.then(() => {
          answersStream = true;
          far.write(encodeCommand(command));
        });
      } else turn = turn.then(() => pass(command)).catch(() => void near.destroy());
    },
    { inline: true },
  );
  near.on("data", (chunk) => {
    if (streams) turn = turn.then(() => void far.write(chunk));
    else commands.push(chunk);
  });
  far.on("data", (chunk) => {
    near.write(chunk);
    if (!answersStream) replies.push(chunk);
  });
}
