import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import { z } from "zod";
import { AppError } from "../../../src/errors.ts";
import { isFromSlack } from "./verify.ts";

export interface DoorReceiver extends Receiver {
  handle(request: Request): Promise<Response>;
}

export const DOOR_PATH = "/slack/events";
const ACK_WITHIN_MS = 2_900;

/** What Bolt takes for granted: it reads on without looking whether these are there. */
const Delivery = z.union([
  z.looseObject({ type: z.literal("url_verification"), challenge: z.string() }),
  // https://docs.slack.dev/apis/events-api/#rate-limiting
  z.looseObject({ type: z.literal("app_rate_limited") }),
  z.looseObject({ event: z.looseObject({ type: z.string() }) }),
  z.looseObject({ command: z.string(), user_id: z.string() }),
  z.looseObject({ type: z.string(), user: z.looseObject({ id: z.string() }) }),
]);
type Delivery = z.infer<typeof Delivery>;

/** Bolt behind a door of Muster's own server: the raw request is verified here, before anything has parsed it. */
export function createDoorReceiver(signingSecret: string): DoorReceiver {
  let app: App | undefined;
  return {
    init(given) {
      app = given;
    },
    start: async () => undefined,
    stop: async () => undefined,
    async handle(request) {
      const body = await request.text();
      if (!isFromSlack({ headers: request.headers, body }, signingSecret, Date.now())) throw notFromSlack();
      const parsed = parseBody(body, request.headers.get("content-type") ?? "");
      if (parsed.type === "url_verification") return Response.json({ challenge: parsed.challenge });
      // It tells that Slack keeps deliveries back; there is nothing to do about it here.
      if (parsed.type === "app_rate_limited") return new Response("");
      return await acknowledged(parsed, request, (event) => app?.processEvent(event) ?? Promise.resolve());
    },
  };
}

/** Resolves as soon as the listener has acknowledged; the work goes on behind it. */
function acknowledged(
  body: Delivery,
  { headers }: Request,
  process: (event: ReceiverEvent) => Promise<void>,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    // Nothing acknowledged it: Slack is told so, and sends it again.
    const late = setTimeout(() => resolve(new Response(null, { status: 503 })), ACK_WITHIN_MS);
    const ack = async (answer?: unknown) => {
      clearTimeout(late);
      resolve(answer === undefined || answer === "" ? new Response("") : answerOf(answer));
    };
    const retryNum = headers.get("x-slack-retry-num");
    const retryReason = headers.get("x-slack-retry-reason");
    const event: ReceiverEvent = {
      body,
      ack: ack as ReceiverEvent["ack"],
      ...(retryNum !== null && { retryNum: Number(retryNum) }),
      ...(retryReason !== null && { retryReason }),
    };
    process(event).catch((error) => {
      clearTimeout(late);
      reject(error);
    });
  });
}

function answerOf(answer: unknown): Response {
  return typeof answer === "string" ? new Response(answer) : Response.json(answer);
}

/** Events come as JSON; commands and interactions as a form, the latter with JSON inside. */
function parseBody(body: string, contentType: string): Delivery {
  try {
    if (contentType.includes("application/json")) return Delivery.parse(JSON.parse(body));
    const form = Object.fromEntries(new URLSearchParams(body));
    return Delivery.parse(form.payload === undefined ? form : JSON.parse(form.payload));
  } catch (cause) {
    throw notADelivery(cause);
  }
}

function notADelivery(cause: unknown): AppError {
  return new AppError({
    code: "bad-input",
    summary: "The body is not an event, a command or an interaction as Slack sends them.",
    hint: `Let Slack itself call ${DOOR_PATH}, unchanged by what stands between (docs/slack.md).`,
    cause,
  });
}

function notFromSlack(): AppError {
  return new AppError({
    code: "not-authenticated",
    summary: "This request does not carry Slack's signature of now.",
    hint: "Check MUSTER_SLACK_SIGNING_SECRET, and the clock of this machine.",
  });
}
