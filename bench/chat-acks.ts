import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { join } from "node:path";
import { startSlackServer } from "../lab/slack/server.ts";
import { askPaced, postText } from "./commands.ts";
import { type Latency, latencyOf } from "./latency.ts";
import { ended, readyUrl, startServer } from "./server.ts";

const PER_SECOND = 200;
const SECONDS = 10;
const ROUNDS = 3;
const SECRET = "bench-signing-secret";
const BOT_TOKEN = "xoxb-bench-token";

export interface AcksBench {
  perSecond: number;
  muster: Latency;
  bare: Latency;
  refused: number;
  /** Answers that Muster then gave to who had asked. */
  answered: number;
}

/** How soon a command is acknowledged at Muster's door, and by Bolt alone; in turn, in the same run. */
export async function benchAcks(): Promise<AcksBench> {
  const slack = await startSlackServer({
    people: ["operator"],
    botToken: BOT_TOKEN,
    appToken: "",
    signingSecret: SECRET,
  });
  const muster = await startServer({
    more: {
      MUSTER_SLACK_API_URL: `${slack.url}/api/`,
      MUSTER_SLACK_BOT_TOKEN: BOT_TOKEN,
      MUSTER_SLACK_SIGNING_SECRET: SECRET,
      MUSTER_SLACK_CHANNEL: "C0INCIDENTS",
    },
  });
  const bare = spawn(process.execPath, [join(import.meta.dirname, "bare-bolt.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH, SIGNING_SECRET: SECRET },
  });
  try {
    const urls = { muster: muster.url, bare: await readyUrl(bare) };
    const all: { muster: number[]; bare: number[] } = { muster: [], bare: [] };
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const who of ["muster", "bare"] as const) {
        const ask = async (_: number, agent: Parameters<typeof postText>[3]) =>
          await postText(`${urls[who]}/slack/events`, ...command(slack.url), agent);
        await askPaced({ perSecond: PER_SECOND, seconds: 1 }, ask);
        const found = await askPaced({ perSecond: PER_SECOND, seconds: SECONDS }, ask);
        all[who].push(...found.elapsedMs);
        refused += found.refused;
      }
    }
    const answered = slack.state.private.length;
    return { perSecond: PER_SECOND, muster: latencyOf(all.muster), bare: latencyOf(all.bare), refused, answered };
  } finally {
    await ended(bare);
    await muster.stop();
    await slack.close();
  }
}

/** `/dr pending`, signed as Slack signs it. */
function command(slackUrl: string): [string, Record<string, string>] {
  const body = new URLSearchParams({
    command: "/dr",
    text: "pending",
    user_id: "U001",
    user_name: "operator",
    team_id: "T0LAB",
    channel_id: "C0INCIDENTS",
    trigger_id: randomUUID(),
    response_url: `${slackUrl}/respond/none`,
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const digest = createHmac("sha256", SECRET).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${digest}`,
  };
  return [body, headers];
}
