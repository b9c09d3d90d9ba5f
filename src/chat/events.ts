import { z } from "zod";

const chat = z.string();

export const chatEvents = {
  /** What is posted does not arrive any more; people look elsewhere until it is restored. */
  "chat.lost": z.object({ chat, code: z.string(), summary: z.string(), hint: z.string() }),
  "chat.restored": z.object({ chat, since: z.iso.datetime() }),
  /** A person put a message of a chat on an incident's timeline. */
  "timeline.pinned": z.object({
    incidentId: z.string(),
    chat,
    messageId: z.string(),
    author: z.string(),
    /** When the message was written. */
    writtenAt: z.iso.datetime(),
    text: z.string(),
    permalink: z.string().exactOptional(),
  }),
  /** The author changed the text of a message that is on the timeline. */
  "timeline.edited": z.object({ incidentId: z.string(), chat, messageId: z.string(), text: z.string() }),
  /** Taken off again, or deleted in the chat. */
  "timeline.unpinned": z.object({ incidentId: z.string(), chat, messageId: z.string() }),
};
