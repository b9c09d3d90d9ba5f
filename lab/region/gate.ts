import { connect, createServer, type Server, type Socket } from "node:net";
import { portInUse } from "../http.ts";
import { identifyPeer, type Peer } from "./peer.ts";
import { createPipe, type Pipe } from "./pipe.ts";

/** What the world has done to a region's network. */
export interface Network {
  /** Nothing comes in and nothing goes out; connections hang as they do when a link is cut. */
  partitioned: boolean;
  /** Regions that are partitioned themselves: what they began reaches us no more. */
  cutPeers: string[];
  /** Added to every answer. */
  slowMs: number;
  /** Added to what a replica of another region is sent. */
  replicationLagMs: number;
}

export const OPEN_NETWORK: Network = { partitioned: false, cutPeers: [], slowMs: 0, replicationLagMs: 0 };

export interface Gate {
  /** Applies `network()` to the connections that are there. */
  networkChanged(): void;
  close(): void;
}

export interface GateOptions {
  port: number;
  /** Port of the server behind the gate. */
  target: number;
  what: string;
  network(): Network;
  /** Redis gate only: other regions' Redis gate ports, by which a replica is recognised. */
  peers?: Record<string, number>;
}

interface Connection {
  pipes: Pipe[];
  nudge(): void;
  close(): void;
}

/** Held connections of clients that gave up are noticed and dropped; this bounds those that did not. */
const MAX_CONNECTIONS = 1000;

/** A TCP listener through which everything from outside the region reaches one of the region's servers. */
export function openGate(options: GateOptions): Promise<Gate> {
  const connections = new Set<Connection>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (connections.size >= MAX_CONNECTIONS) client.destroy();
    else relay(client, options, connections);
  });
  return listening(server, options).then(() => ({
    networkChanged: () => {
      for (const connection of connections) connection.nudge();
    },
    close: () => {
      server.close();
      for (const connection of connections) connection.close();
    },
  }));
}

function relay(client: Socket, { target, network, peers }: GateOptions, connections: Set<Connection>): void {
  let peer: Peer | undefined;
  let upstream: Socket | undefined;
  let head = "";
  const held = () => {
    const { partitioned, cutPeers } = network();
    return partitioned || (peer?.region !== undefined && cutPeers.includes(peer.region));
  };

  const connection: Connection = { pipes: [], nudge, close };
  connections.add(connection);
  const inbound = createPipe({
    from: client,
    to: () => (upstream?.connecting === false ? upstream : undefined),
    held,
    delayMs: () => 0,
    inspect: (chunk) => {
      if (!peers || peer || head.length > 1024) return;
      head += chunk.toString("latin1", 0, 1024);
      peer = identifyPeer(head, peers);
    },
  });
  connection.pipes.push(inbound);
  function close(): void {
    connections.delete(connection);
    client.destroy();
    upstream?.destroy();
  }
  client.on("error", close);
  client.on("close", close);
  // A client that gives up while the link is cut takes its connection with it.
  client.on("end", () => held() && close());

  function nudge(): void {
    if (!held() && !upstream) open();
    for (const pipe of connection.pipes) pipe.nudge();
  }

  function open(): void {
    const opened = connect({ host: "127.0.0.1", port: target, noDelay: true, allowHalfOpen: true });
    upstream = opened;
    opened.on("connect", () => inbound.nudge());
    opened.on("error", close);
    const delayMs = () => network().slowMs + (peer?.replication ? network().replicationLagMs : 0);
    connection.pipes.push(createPipe({ from: opened, to: () => client, held, delayMs }));
  }

  if (!held()) open();
}

function listening(server: Server, { port, what }: GateOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portInUse(port, what) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
