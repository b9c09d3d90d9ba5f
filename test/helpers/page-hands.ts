import type { ChatPage } from "../../lab/chat-page.ts";

/** People at an emulator's page, as a browser without scripts would have them. */
export function pageHands(page: () => ChatPage) {
  return {
    seenBy: async (as: string) => await (await fetch(`${page().url}/?as=${as}`)).text(),
    act: (as: string, what: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      fetch(`${page().url}/${what}`, {
        method: "POST",
        body: new URLSearchParams({ as, ...fields }),
        headers,
        redirect: "manual",
      }),
  };
}
