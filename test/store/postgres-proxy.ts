import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * What happens to the next message from a client that contains a word, which is sent in clear.
 * `request-lost`: it never arrives. `answer-lost`: it does, and what the server says to it never comes back.
 * `held`: it waits, like a client that was frozen before it could send it.
 */
export type Mishap = "request-lost" | "answer-lost" | "held";

export interface LossyProxy {
  port: number;
  /** Resolves when it has happened, for `answer-lost` when the server has answered. */
  next(word: string, mishap: Mishap): Promise<void>;
  /** Lets go what was held. */
  release(): void;
  /** Connections are closed, and new ones refused, until told otherwise. */
  setAway(away: boolean): void;
  stop(): void;
}

interface Plan {
  word: string;
  mishap: Mishap;
  done(): void;
}

/** Stands between a store and its server, and loses messages at exact places. */
export async function startProxy(port: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  let plan: Plan | undefined;
  let away = false;
  let held: (() => void)[] = [];

  function pair(near: Socket): void {
    const far = connect(port, "127.0.0.1");
    let lost: Plan | undefined;
    let waiting = false;
    const end = () => [near, far].map((socket) => socket.destroy());
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    if (away) end();
    near.on("data", (bytes) => {
      if (waiting) return void held.push(() => far.write(bytes));
      if (!plan || !bytes.includes(plan.word)) return void far.write(bytes);
      const met = plan;
      plan = undefined;
      if (met.mishap === "request-lost") end();
      if (met.mishap === "held") {
        waiting = true;
        held.push(() => far.write(bytes));
      }
      if (met.mishap === "answer-lost") {
        lost = met;
        far.write(bytes);
      } else met.done();
    });
    far.on("data", (bytes) => {
      if (!lost) return void near.write(bytes);
      if (!bytes.includes(lost.word)) return;
      lost.done();
      end();
    });
  }

  const server = createServer(pair).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    next: (word, mishap) =>
      new Promise((done) => {
        plan = { word, mishap, done };
      }),
    release() {
      for (const go of held.splice(0)) go();
    },
    setAway(value) {
      away = value;
      if (value) for (const socket of sockets) socket.destroy();
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      held = [];
    },
  };
}
