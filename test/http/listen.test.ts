import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { listenOn } from "../../src/http/listen.ts";

let server: Awaited<ReturnType<typeof listenOn>> | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
});

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const answer = () => new Response("here");

async function listen(...[bounds]: [Parameters<typeof listenOn>[2]]) {
  server = await listenOn(answer, { host: "127.0.0.1", port: 0 }, bounds);
  const port = Number(new URL(server.url).port);
  /** What comes back on a connection of its own, until it ends. */
  return (send = "") => {
    const seen = { text: "", ended: false };
    const socket = connect(port, "127.0.0.1", () => socket.write(send));
    socket.on("data", (chunk) => {
      seen.text += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      seen.ended = true;
    });
    sockets.push(socket);
    return seen;
  };
}

describe("the server's socket", () => {
  it("takes so many connections and no more, and room again when one has ended", async () => {
    const open = await listen({ connections: 2 });
    const held = [open(REQUEST), open(REQUEST)];
    await expect.poll(() => held.every(({ text }) => text.includes("200 OK"))).toBe(true);
    const refused = open(REQUEST);
    await expect.poll(() => refused.ended).toBe(true);
    expect(refused.text).toBe("");
    sockets[0]?.destroy();
    await expect
      .poll(async () => {
        const again = open(REQUEST);
        await expect.poll(() => again.ended || again.text !== "").toBe(true);
        return again.text;
      })
      .toContain("200 OK");
  });

  it("waits for nobody who says nothing", async () => {
    const silent = (await listen({ silentMs: 50 }))();
    await expect.poll(() => silent.ended).toBe(true);
  });

  it("waits for nobody who says it too slowly", async () => {
    const slow = (await listen({ headersMs: 50 }))("GET / HTTP/1.1\r\nHost: localhost\r\nX-So: ");
    await expect.poll(() => slow.ended).toBe(true);
    expect(slow.text).not.toContain("200 OK");
  });

  it("lets an answer take its time", async () => {
    server = await listenOn(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        return new Response("late");
      },
      { host: "127.0.0.1", port: 0 },
      { silentMs: 50, idleMs: 10_000, headersMs: 50 },
    );
    expect(await (await fetch(server.url)).text()).toBe("late");
  });
});
