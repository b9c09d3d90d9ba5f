import type { WireEvent } from "../../src/commands/wire.ts";

/** What a reader of the live feed was given, over all servers that it read from: what was told cannot be taken back. */
export interface Feed {
  delivered: Map<number, string>;
  /** Reads from another server, from where it had come to. */
  follow(url: string, token: string): void;
  stop(): void;
}

export function createFeed(): Feed {
  const delivered = new Map<number, string>();
  let reading = new AbortController();

  async function read(url: string, token: string, signal: AbortSignal): Promise<void> {
    const after = Math.max(0, ...delivered.keys());
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/v1/events?after=${after}`, { headers, signal });
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const messages = text.split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data === undefined) continue;
        const { seq, hash } = JSON.parse(data) as WireEvent;
        delivered.set(seq, hash);
      }
    }
  }

  return {
    delivered,
    follow(url, token) {
      reading.abort();
      reading = new AbortController();
      // It ends with its server.
      read(url, token, reading.signal).catch(() => {});
    },
    stop: () => reading.abort(),
  };
}
