import type { ChatFile, ChatMessage, ChatPort } from "../../src/chat/port.ts";
import { AppError } from "../../src/errors.ts";

export interface FakeMessage {
  ref: string;
  marker: string;
  thread?: string;
  message: ChatMessage;
  edits: number;
  files: ChatFile[];
  pinned?: boolean;
}

/** A chat in this process: keeps what is posted, refuses what it is told to refuse, counts every call. */
export interface FakeChat extends ChatPort {
  messages: FakeMessage[];
  told: { account: string; title: string }[];
  calls: string[];
  /** Everything that was taken, also what has been edited since. */
  sent: ChatMessage[];
  /** Thrown by every call while it is set. */
  failure: AppError | undefined;
  /** The next post arrives and its answer is lost. */
  loseNextAnswer: boolean;
  byId(id: string): FakeMessage | undefined;
}

export function createFakeChat(id = "fake"): FakeChat {
  const find = (ref: string): FakeMessage => {
    const found = chat.messages.find((one) => one.ref === ref);
    if (!found) throw new AppError({ code: "not-found", summary: "The message is gone." });
    return found;
  };
  const answer = (call: string) => {
    chat.calls.push(call);
    if (chat.failure) throw chat.failure;
  };
  // Never given twice, also when messages are deleted.
  let posts = 0;
  const chat: FakeChat = {
    id,
    name: "Fake",
    paceMs: 1,
    messages: [],
    told: [],
    calls: [],
    sent: [],
    failure: undefined,
    loseNextAnswer: false,
    byId: (messageId) => chat.messages.find(({ message }) => message.id === messageId),
    async post(message, { marker, thread }) {
      answer(`post ${message.id}`);
      chat.sent.push(message);
      if (thread !== undefined) find(thread);
      posts += 1;
      const ref = `m${posts}`;
      chat.messages.push({ ref, marker, ...(thread !== undefined && { thread }), message, edits: 0, files: [] });
      if (chat.loseNextAnswer) {
        chat.loseNextAnswer = false;
        throw new AppError({ code: "vendor-unavailable", summary: "The answer was lost.", retryable: true });
      }
      return ref;
    },
    async update(ref, message) {
      answer(`update ${message.id}`);
      chat.sent.push(message);
      const found = find(ref);
      found.message = message;
      found.edits += 1;
    },
    async find(marker) {
      answer(`find ${marker}`);
      return chat.messages.find((one) => one.marker === marker)?.ref;
    },
    async upload(ref, files) {
      answer(`upload ${files.map(({ name }) => name).join(" ")}`);
      find(ref).files.push(...files);
    },
    async pin(ref, pinned) {
      answer(`pin ${find(ref).message.id} ${pinned}`);
      find(ref).pinned = pinned;
    },
    permalink: async (ref) => `https://chat.example/${ref}`,
    async tell(account, card) {
      answer(`tell ${account}`);
      chat.told.push({ account, title: card.title });
    },
  };
  return chat;
}
