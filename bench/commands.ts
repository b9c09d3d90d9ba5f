import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Latency, latencyOf } from "./latency.ts";

export interface CommandsBench {
  perSecond: number;
  seconds: number;
  answered: number;
  /** Answers other than 200. */
  refused: number;
  latency: Latency;
}

const COMMANDS: { name: string; body: object }[] = [
  { name: "status", body: {} },
  { name: "pending", body: {} },
  { name: "note", body: { text: "The replica in eu-central has everything up to the last acknowledged write." } },
];

/**
 * Asks at fixed moments, whether the answers before have come or not, and counts each answer from the moment at
 * which it was due: a server that stalls is not asked less often for it.
 */
export async function benchCommands(
  { url, token }: { url: string; token: string },
  { perSecond = 50, seconds = 20 } = {},
): Promise<CommandsBench> {
  return await askPaced({ perSecond, seconds }, (index, agent) => {
    const { name, body } = COMMANDS[index % COMMANDS.length]!;
    return post(`${url}/api/v1/commands/${name}`, token, body, agent);
  });
}

/** Calls `ask`, which resolves with a status, at fixed moments. */
export async function askPaced(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  ask: (index: number, agent: Agent) => Promise<number>,
): Promise<CommandsBench & { elapsedMs: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const count = perSecond * seconds;
  const answers: Promise<{ status: number; elapsedMs: number }>[] = [];
  const startedAt = performance.now();
  try {
    for (let index = 0; index < count; index++) {
      const dueAt = startedAt + (index * 1000) / perSecond;
      await sleep(Math.max(0, dueAt - performance.now()));
      answers.push(ask(index, agent).then((status) => ({ status, elapsedMs: performance.now() - dueAt })));
    }
    const all = await Promise.all(answers);
    const refused = all.filter(({ status }) => status !== 200).length;
    const elapsedMs = all.map((one) => one.elapsedMs);
    return { perSecond, seconds, answered: all.length, refused, latency: latencyOf(elapsedMs), elapsedMs };
  } finally {
    agent.destroy();
  }
}

function post(url: string, token: string, body: object, agent: Agent): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return postText(url, JSON.stringify(body), headers, agent);
}

/** Resolves with the status when the answer is complete. */
export function postText(url: string, body: string, headers: Record<string, string>, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent, headers, timeout: 10_000 }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    });
    outgoing.once("error", reject);
    outgoing.once("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.end(body);
  });
}
