import { z } from "zod";

/** An activity as Teams delivers it, as far as we read it. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object */
export const InActivity = z.object({
  type: z.string(),
  /** By it a redelivery is known. */
  id: z.string().min(1).max(500).optional(),
  name: z.string().optional(),
  timestamp: z.string().optional(),
  channelId: z.string(),
  /** Never missing: without it the token's own claim would not be compared with anything. */
  serviceUrl: z.url({ protocol: /^https?$/ }),
  from: z.object({ id: z.string(), name: z.string().optional(), aadObjectId: z.string().optional() }),
  recipient: z.object({ id: z.string() }).optional(),
  conversation: z.object({
    id: z.string(),
    conversationType: z.string().optional(),
    tenantId: z.string().optional(),
  }),
  action: z.string().optional(),
  text: z.string().optional(),
  value: z.unknown().optional(),
  entities: z
    .array(
      z.object({
        type: z.string(),
        text: z.string().optional(),
        mentioned: z.object({ id: z.string() }).optional(),
      }),
    )
    .optional(),
  channelData: z
    .object({
      eventType: z.string().optional(),
      tenant: z.object({ id: z.string() }).optional(),
    })
    .optional(),
});

export type InActivity = z.infer<typeof InActivity>;

export function isPersonal({ conversation }: InActivity): boolean {
  return conversation.conversationType === "personal";
}

/** Is the bot spoken to? With the right to read the channel, Teams delivers everything that is said there. */
export function isForBot(activity: InActivity): boolean {
  return isPersonal(activity) || mentions(activity).length > 0;
}

/** What was typed, without the mention that brought it here. */
export function commandText(activity: InActivity): string {
  let text = activity.text ?? "";
  for (const mention of mentions(activity)) text = text.replace(mention, " ");
  const words = text.replaceAll(/&nbsp;|\u00a0/g, " ").trim();
  return words.replace(/^\/?dr(\s+|$)/i, "");
}

function mentions({ entities = [], recipient }: InActivity): string[] {
  return entities.flatMap(({ type, text, mentioned }) =>
    type === "mention" && text && mentioned?.id === recipient?.id ? [text] : [],
  );
}

/** `19:…@thread.tacv2;messageid=1` → the channel. */
export function conversationBase({ conversation }: InActivity): string {
  return conversation.id.split(";")[0] ?? conversation.id;
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** What people read of a message that Teams hands out as HTML. */
export function textOfHtml(html: string): string {
  const lines = html.replaceAll(/<br\s*\/?>|<\/(?:p|div|li)>/gi, "\n").replaceAll(/<[^>]*>/g, "");
  return lines
    .replaceAll(/&(?:#(\d{1,6})|(\w{2,6}));/g, (whole, code?: string, name?: string) =>
      code === undefined ? (NAMED[name ?? ""] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .trim();
}
