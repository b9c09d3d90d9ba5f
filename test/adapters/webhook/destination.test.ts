import { expect, it } from "vitest";
import { createWebhook } from "../../../adapters/webhook/destination.ts";
import { type Message, messagesOf } from "../../../src/deliveries/port.ts";
import { destinationContract } from "../../contracts/destination.ts";
import { firstUpdate } from "../../helpers/update-event.ts";
import { startWebhookReceiver } from "../../helpers/webhook-receiver.ts";

const SECRET = "a-secret-of-both-sides";
const webhook = { urlFrom: "PARTNERS_URL", secretFrom: "PARTNERS_KEY", stages: ["investigating" as const] };

async function partners() {
  const receiver = await startWebhookReceiver(SECRET);
  const secrets: Record<string, string> = { PARTNERS_URL: receiver.url, PARTNERS_KEY: SECRET };
  const { plan, event, state } = firstUpdate();
  const options = { plan, name: "partners", requestTimeoutMs: 1_000, secret: (name: string) => secrets[name] };
  return { receiver, secrets, plan, event, state, options, destination: createWebhook(options, webhook) };
}

destinationContract("a webhook of the plan", async () => {
  const { receiver, destination, event, state } = await partners();
  return {
    destination,
    event,
    state,
    effects: () => receiver.seen.size,
    fail(how) {
      receiver.answer = ({ down: "hang", broken: 503, throttled: 429, refusing: 410 } as const)[how];
    },
    mend() {
      receiver.answer = undefined;
    },
    secrets: [SECRET],
    stop: async () => {},
  };
});

it("sends what the public may read, and nothing from inside", async () => {
  const { receiver, destination, event, state, plan } = await partners();
  const [message] = messagesOf(destination, event, state) as [Message];
  await destination.send(message as never, { marker: "m1", late: true, signal: new AbortController().signal });
  const content = receiver.seen.get("m1");
  expect(content).toMatchObject({
    type: "status.update",
    late: true,
    incident: { title: "Disruption of Question answering" },
    update: { stage: "investigating", text: expect.stringContaining("requests have been failing") },
    before: [],
    page: { title: "GenAI API", components: [{ name: "Question answering", state: "major_outage" }] },
  });
  for (const inside of ["inc-1", plan.digest, "us-east-1", plan.application])
    expect(JSON.stringify(content)).not.toContain(inside);
});

it("is told of each update when its secrets are not set, and of another secret at the other side", async () => {
  const { receiver, secrets, event, state, options } = await partners();
  const signal = new AbortController().signal;
  const failure = async () => {
    const destination = createWebhook(options, webhook);
    const [message] = messagesOf(destination, event, state) as [Message];
    return await destination.send(message as never, { marker: "m", late: false, signal }).catch((error) => error);
  };
  secrets.PARTNERS_KEY = "another-secret";
  expect(await failure()).toMatchObject({
    code: "vendor-rejected",
    hint: "Check MUSTER_SECRET_PARTNERS_URL, and that both sides have the same MUSTER_SECRET_PARTNERS_KEY.",
  });
  for (const name of ["PARTNERS_URL", "PARTNERS_KEY"]) delete secrets[name];
  expect(await failure()).toMatchObject({
    code: "config-invalid",
    retryable: false,
    summary:
      'The webhook "partners" cannot be used: MUSTER_SECRET_PARTNERS_URL and MUSTER_SECRET_PARTNERS_KEY must be set.',
  });
  expect(receiver.seen.size).toBe(0);
});
