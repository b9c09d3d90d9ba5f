import { createServer as createHttpServer, get } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../../lab/http.ts";
import { type Gate, type Network, OPEN_NETWORK, openGate } from "../../lab/region/gate.ts";
import { identifyPeer } from "../../lab/region/peer.ts";
import { encodeCommand } from "../../lab/resp/encode.ts";
import { pickPorts } from "../../lab/world/ports.ts";
import { eventually } from "./eventually.ts";

describe("A region's gate", () => {
  let network: Network;
  let gate: Gate;
  let port: number;
  let echo: Server;
  let accepted: Socket[];
  let opened: Socket[];
  const peers = { "eu-central": 7777 };

  beforeEach(async () => {
    network = OPEN_NETWORK;
    accepted = [];
    opened = [];
    echo = createServer((socket) => {
      accepted.push(socket);
      socket.on("error", () => {});
      socket.pipe(socket);
    });
    const target = await listen(echo as never, 0, "echo");
    [port] = (await pickPorts(1)) as [number];
    gate = await openGate({ port, target, what: "test", network: () => network, peers });
  });

  afterEach(() => {
    for (const socket of [...opened, ...accepted]) socket.destroy();
    echo.close();
    gate.close();
  });

  function client(): { socket: Socket; text(): string } {
    const socket = connect({ port, host: "127.0.0.1" });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", () => {});
    opened.push(socket);
    return { socket, text: () => text };
  }

  function change(changes: Partial<Network>): void {
    network = { ...network, ...changes };
    gate.networkChanged();
  }

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it("passes everything both ways, also a lot of it", async () => {
    const { socket, text } = client();
    const much = "0123456789".repeat(200_000);
    socket.end(much);
    await eventually(() => expect(text().length).toBe(much.length));
    expect(text()).toBe(much);
    await eventually(() => expect(socket.closed).toBe(true));
  });

  it("lets connections hang while it is partitioned, old and new ones, and goes on when it is healed", async () => {
    const old = client();
    old.socket.write("one");
    await eventually(() => expect(old.text()).toBe("one"));
    change({ partitioned: true });
    old.socket.write("two");
    const young = client();
    young.socket.write("three");
    await pause(100);
    expect(old.text()).toBe("one");
    expect(young.text()).toBe("");
    expect(young.socket.connecting).toBe(false);
    expect([old.socket.closed, young.socket.closed]).toEqual([false, false]);
    expect(accepted.length).toBe(1);
    change({ partitioned: false });
    await eventually(() => expect(old.text()).toBe("onetwo"));
    await eventually(() => expect(young.text()).toBe("three"));
  });

  it("delivers nothing of a client that gave up during the partition", async () => {
    change({ partitioned: true });
    const { socket } = client();
    socket.write("late");
    await pause(30);
    socket.destroy();
    await pause(50);
    change({ partitioned: false });
    await pause(50);
    expect(accepted.length).toBe(0);
  });

  it("delays every answer while it is slow", async () => {
    change({ slowMs: 80 });
    const { socket, text } = client();
    const before = performance.now();
    socket.write("x");
    await eventually(() => expect(text()).toBe("x"), 2000, 2);
    expect(performance.now() - before).toBeGreaterThan(75);
  });

  it("delays what a replica is sent, and nobody else", async () => {
    change({ replicationLagMs: 150 });
    const reader = client();
    const replica = client();
    const before = performance.now();
    reader.socket.write("PING");
    replica.socket.write(encodeCommand(["PING"]));
    replica.socket.write(encodeCommand(["REPLCONF", "listening-port", 7777]));
    await eventually(() => expect(reader.text()).toBe("PING"), 2000, 2);
    expect(performance.now() - before).toBeLessThan(100);
    await eventually(() => expect(replica.text()).toContain("7777"), 2000, 2);
    expect(performance.now() - before).toBeGreaterThan(145);
  });

  it("keeps the order of what it passes when the delay gets shorter", async () => {
    change({ slowMs: 100 });
    const { socket, text } = client();
    socket.write("a");
    await pause(30);
    change({ slowMs: 0 });
    socket.write("b");
    await eventually(() => expect(text()).toBe("ab"));
  });

  it("cuts what a partitioned region had begun, replica or pod, and nobody else", async () => {
    const replica = client();
    const pod = client();
    const other = client();
    replica.socket.write(encodeCommand(["REPLCONF", "listening-port", 7777]));
    pod.socket.write(encodeCommand(["CLIENT", "SETNAME", "pod.eu-central"]));
    other.socket.write("hello");
    await eventually(() => expect([replica.text(), pod.text(), other.text()].every((text) => text !== "")).toBe(true));
    change({ cutPeers: ["eu-central"] });
    for (const { socket } of [replica, pod, other]) socket.write(" again");
    await eventually(() => expect(other.text()).toBe("hello again"));
    await pause(50);
    expect(replica.text()).not.toContain("again");
    expect(pod.text()).not.toContain("again");
  });

  it("passes on that the server is gone", async () => {
    const { socket, text } = client();
    socket.write("x");
    await eventually(() => expect(text()).toBe("x"));
    accepted[0]!.destroy();
    await eventually(() => expect(socket.closed || socket.readableEnded).toBe(true));
  });

  it("delivers a slow answer whole although the server has closed already", async () => {
    const server = createHttpServer((_req, res) => res.setHeader("connection", "close").end("x".repeat(100_000)));
    const target = await listen(server, 0, "http");
    const [front] = await pickPorts(1);
    const slow = await openGate({
      port: front!,
      target,
      what: "test",
      network: () => ({ ...OPEN_NETWORK, slowMs: 50 }),
    });
    const length = await new Promise((resolve, reject) => {
      get({ port: front, host: "127.0.0.1", agent: false }, (res) => {
        let bytes = 0;
        res.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        res.on("end", () => resolve(bytes));
      }).on("error", reject);
    });
    server.close();
    slow.close();
    expect(length).toBe(100_000);
  });
});

describe("Who began a connection", () => {
  const peers = { "us-east-1": 7001, "eu-central": 7002 };
  it.each([
    [["REPLCONF", "listening-port", 7002], { region: "eu-central", replication: true }],
    [["replconf", "LISTENING-PORT", 7009], { region: undefined, replication: true }],
    [["CLIENT", "SETNAME", "pod.us-east-1"], { region: "us-east-1", replication: false }],
    [["CLIENT", "SETNAME", "ioredis"], undefined],
    [["SET", "replconf", "listening-port"], undefined],
  ])("%j → %j", (command, peer) => {
    expect(identifyPeer(encodeCommand(["PING"]).toString() + encodeCommand(command).toString(), peers)).toEqual(peer);
  });
});
