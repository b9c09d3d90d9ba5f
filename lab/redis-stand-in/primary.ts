import type { Socket } from "node:net";
import { encodeReply } from "../resp/encode.ts";
import type { History } from "./history.ts";

/** The primary's side of replication: who follows, and feeding them. */
export interface Replicas {
  /** Answers PSYNC: the missing part of the stream, or a full copy. */
  attach(socket: Socket, id: string, at: number, dump: () => string): void;
  announced(socket: Socket, port: number): void;
  acknowledged(socket: Socket, offset: number): void;
  feed(bytes: Buffer): void;
  list(): Replica[];
  /** How many have acknowledged no longer ago than this. */
  good(maxLagSeconds: number): number;
  /** How many were given a full copy, and how many only what they lacked. */
  counts(): { full: number; partial: number };
  dropAll(): void;
  detach(socket: Socket): void;
}

export interface Replica {
  socket: Socket;
  port: number;
  offset: number;
  acknowledgedAt: number;
}

const MAX_BEHIND_BYTES = 16 * 1024 * 1024;

export function createReplicas(history: History): Replicas {
  const replicas = new Map<Socket, Replica>();
  const ports = new Map<Socket, number>();
  const counts = { full: 0, partial: 0 };

  function drop(socket: Socket): void {
    replicas.delete(socket);
    ports.delete(socket);
    socket.destroy();
  }

  return {
    attach(socket, id, at, dump) {
      const lacking = history.since(id, at);
      if (lacking) {
        counts.partial++;
        socket.write(`+CONTINUE ${history.id()}\r\n`);
        socket.write(lacking);
      } else {
        counts.full++;
        socket.write(`+FULLRESYNC ${history.id()} ${history.offset()}\r\n`);
        // The real one sends an RDB file here, which only a real one reads.
        socket.write(encodeReply(dump()));
      }
      replicas.set(socket, {
        socket,
        port: ports.get(socket) ?? 0,
        offset: history.offset(),
        acknowledgedAt: Date.now(),
      });
    },
    announced: (socket, port) => void ports.set(socket, port),
    acknowledged(socket, offset) {
      const replica = replicas.get(socket);
      if (replica) Object.assign(replica, { offset, acknowledgedAt: Date.now() });
    },
    feed(bytes) {
      for (const { socket } of replicas.values()) {
        // A replica that takes nothing in any more comes back and asks for what it lacks.
        if (socket.writableLength > MAX_BEHIND_BYTES) drop(socket);
        else socket.write(bytes);
      }
    },
    list: () => [...replicas.values()],
    good: (maxLagSeconds) =>
      [...replicas.values()].filter(({ acknowledgedAt }) => Date.now() - acknowledgedAt <= maxLagSeconds * 1000).length,
    counts: () => ({ ...counts }),
    dropAll: () => [...replicas.keys()].forEach(drop),
    detach(socket) {
      replicas.delete(socket);
      ports.delete(socket);
    },
  };
}
