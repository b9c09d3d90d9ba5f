import type { ChatConnection } from "../../src/chat/port.ts";
import type { Config } from "../../src/config.ts";

export interface ChatOptions {
  logger: { warn(fields: object, message: string): void };
}

/** The chats that this installation is configured for. Their SDKs are loaded only then: each is some tens of megabytes. */
export async function openChats(config: Pick<Config, "slack">, options: ChatOptions): Promise<ChatConnection[]> {
  const chats: ChatConnection[] = [];
  if (config.slack) {
    const { createSlackConnection } = await import("./slack/index.ts");
    chats.push(createSlackConnection({ ...config.slack, ...options }));
  }
  return chats;
}
