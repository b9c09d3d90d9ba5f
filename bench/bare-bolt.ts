import { App, HTTPReceiver } from "@slack/bolt";

/** What Slack's own framework takes by itself: a command that is acknowledged, and nothing else. */
const receiver = new HTTPReceiver({ signingSecret: process.env.SIGNING_SECRET ?? "", endpoints: "/slack/events" });
const app = new App({
  receiver,
  authorize: async () => ({ botToken: "xoxb-bench", botUserId: "U0BOT", botId: "B0BOT" }),
});
app.command("/dr", async ({ ack }) => ack());
const server = await receiver.start(0, { host: "127.0.0.1" } as never);
const { port } = server.address() as { port: number };
console.log(`ready http://127.0.0.1:${port}`);
