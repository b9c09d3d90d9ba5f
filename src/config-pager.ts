import { z } from "zod";
import { HttpUrl } from "./config-chats.ts";

/** What the environment says of pagers. Read by `loadConfig` alone, with everything else. */

const Ids = z.string().regex(/^[A-Z0-9]{6,14}(,[A-Z0-9]{6,14}){0,19}$/, {
  error: "must be ids as PagerDuty's addresses show them, with commas between them",
});

export const pagerEnvironment = {
  MUSTER_PUBLIC_URL: HttpUrl.optional().meta({
    example: "https://muster.example.org/",
    description: "Where people reach the control room, for links in what they are sent.",
  }),
  MUSTER_PAGERDUTY_ROUTING_KEY: z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, { error: "must be the 32 letters and digits of an Events API v2 integration" })
    .optional()
    .meta({
      example: "paste0the0thirty0two0letters0000",
      description: "Pages through PagerDuty (docs/communication.md): the integration key of a service. A secret.",
    }),
  MUSTER_PAGERDUTY_API_TOKEN: z.string().min(8).max(200).optional().meta({
    example: "paste-it-here",
    description: "REST API key of that account: who is on call, escalations, notes. A secret.",
  }),
  MUSTER_PAGERDUTY_FROM: z
    .email({ error: "must be the address of a user of that account" })
    .optional()
    .meta({ example: "muster@example.org", description: "The user in whose name escalations and notes are made." }),
  MUSTER_PAGERDUTY_POLICIES: Ids.optional().meta({
    example: "PANZZEQ",
    description:
      "Escalation policies that oncall shows; those of the whole account when neither these nor schedules are set.",
  }),
  MUSTER_PAGERDUTY_SCHEDULES: Ids.optional().meta({
    example: "PI7DH85,PA1B2C3",
    description: "Schedules that oncall shows.",
  }),
  MUSTER_PAGERDUTY_WEBHOOK_SECRET: z.string().min(16).max(200).optional().meta({
    example: "paste-16-or-more-letters",
    description: "Signs what PagerDuty sends to /pagerduty/webhook. A secret.",
  }),
  MUSTER_PAGERDUTY_EVENTS_SERVER: z
    .string()
    .regex(/^[a-z0-9.-]{1,253}(:\d{1,5})?$/, { error: "must be a host name, with a port where it is not 443" })
    .optional()
    .meta({ example: "events.eu.pagerduty.com", description: "Where pages are sent, for accounts in the EU." }),
  MUSTER_PAGERDUTY_API_URL: HttpUrl.optional().meta({
    example: "https://api.eu.pagerduty.com",
    description: "Where the REST API is, for accounts in the EU.",
  }),
};

export interface PagerDutyConfig {
  readonly routingKey: string;
  readonly apiToken?: string;
  readonly from?: string;
  readonly policies: readonly string[];
  readonly schedules: readonly string[];
  readonly webhookSecret?: string;
  readonly eventsServer?: string;
  readonly apiUrl?: string;
}

export interface PagersConfig {
  /** Where people reach the control room. */
  readonly publicUrl?: string;
  /** Not enumerable, because of its secrets. */
  readonly pagerDuty?: PagerDutyConfig;
}

type Parsed = z.infer<z.ZodObject<typeof pagerEnvironment>>;

/** What is of no use without another variable. */
const NEEDS = [
  ["MUSTER_PAGERDUTY_API_TOKEN", "MUSTER_PAGERDUTY_ROUTING_KEY"],
  ["MUSTER_PAGERDUTY_WEBHOOK_SECRET", "MUSTER_PAGERDUTY_ROUTING_KEY"],
  ["MUSTER_PAGERDUTY_EVENTS_SERVER", "MUSTER_PAGERDUTY_ROUTING_KEY"],
  ["MUSTER_PAGERDUTY_FROM", "MUSTER_PAGERDUTY_API_TOKEN"],
  ["MUSTER_PAGERDUTY_POLICIES", "MUSTER_PAGERDUTY_API_TOKEN"],
  ["MUSTER_PAGERDUTY_SCHEDULES", "MUSTER_PAGERDUTY_API_TOKEN"],
  ["MUSTER_PAGERDUTY_API_URL", "MUSTER_PAGERDUTY_API_TOKEN"],
] as const;

export function pagerProblems(data: Parsed): string[] {
  return NEEDS.flatMap(([one, other]) =>
    data[one] !== undefined && data[other] === undefined ? [`${one} is of no use without ${other}.`] : [],
  );
}

export function pagerDutyOf(data: Parsed): PagerDutyConfig | undefined {
  if (data.MUSTER_PAGERDUTY_ROUTING_KEY === undefined) return undefined;
  const { MUSTER_PAGERDUTY_API_TOKEN: apiToken, MUSTER_PAGERDUTY_FROM: from } = data;
  const { MUSTER_PAGERDUTY_WEBHOOK_SECRET: webhookSecret, MUSTER_PAGERDUTY_EVENTS_SERVER: eventsServer } = data;
  const { MUSTER_PAGERDUTY_API_URL: apiUrl } = data;
  return Object.freeze({
    routingKey: data.MUSTER_PAGERDUTY_ROUTING_KEY,
    policies: data.MUSTER_PAGERDUTY_POLICIES?.split(",") ?? [],
    schedules: data.MUSTER_PAGERDUTY_SCHEDULES?.split(",") ?? [],
    ...(apiToken !== undefined && { apiToken }),
    ...(from !== undefined && { from }),
    ...(webhookSecret !== undefined && { webhookSecret }),
    ...(eventsServer !== undefined && { eventsServer }),
    ...(apiUrl !== undefined && { apiUrl }),
  });
}
