import { type Config, secretVariable } from "../../src/config.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import { AppError } from "../../src/errors.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { createUpdateDestination, type UpdateBody } from "../../src/status-page/update-destination.ts";
import { createSignedPost } from "./signed-post.ts";

interface WebhookOptions extends Pick<Config, "secret" | "requestTimeoutMs"> {
  plan: Plan;
  name: string;
  /** Milliseconds since 1970. */
  now?(): number;
}

type Webhook = NonNullable<NonNullable<Plan["communication"]>["webhooks"]>[string];

/** One of the plan's webhooks. A secret that is missing is said of each update that does not arrive. */
export function createWebhook(
  { plan, name, secret, ...options }: WebhookOptions,
  { urlFrom, secretFrom, stages }: Webhook,
): Destination<UpdateBody> {
  const url = secret(urlFrom);
  const key = secret(secretFrom);
  const missing = [...(url === undefined ? [urlFrom] : []), ...(key === undefined ? [secretFrom] : [])];
  const send = createSignedPost({
    ...options,
    url: url ?? "",
    secret: key ?? "",
    what: `The webhook "${name}"`,
    urlFrom: secretVariable(urlFrom),
    secretFrom: secretVariable(secretFrom),
  });
  return createUpdateDestination({
    id: `webhook:${name}`,
    name: `webhook "${name}"`,
    plan,
    stages,
    async deliver(body, { marker, late, signal }) {
      if (missing.length > 0) throw notSet(name, missing.map(secretVariable));
      await send(marker, payloadOf(body, late), signal);
      return undefined;
    },
  });
}

/** What the public may read and nothing else. The incident's id says when it began. */
function payloadOf({ update, before, page }: UpdateBody, late: boolean) {
  const { title, startedAt, ...own } = update;
  const id = startedAt.replace(/\.\d+|[-:]/g, "");
  return {
    type: "status.update",
    incident: { id, title, startedAt },
    update: own,
    late,
    /** Oldest first; those that were not sent here are told by this alone. */
    before: before.map(({ update: { stage, at, text }, told }) => ({ stage, at, text, sent: told })),
    page,
  };
}

function notSet(name: string, variables: string[]): AppError {
  return new AppError({
    code: "config-invalid",
    summary: `The webhook "${name}" cannot be used: ${variables.join(" and ")} must be set.`,
    hint: `Set ${variables.join(" and ")}, start Muster again, and "comms retry".`,
  });
}
