import { type ChatSurface, chatSurfaceContract } from "../../contracts/chat-surface.ts";
import { seen, startTeamsSurface } from "../../helpers/teams-surface.ts";

async function createSurface(how: "in the channel" | "alone", client?: "old"): Promise<ChatSurface> {
  const { muster, halt, teams, people, inChannel, shownTo, messageWith, dispose } = await startTeamsSurface();
  return {
    muster,
    halt,
    say: (principal, text) =>
      shownTo(principal, async () =>
        how === "alone" ? await people.write(principal, text) : (await people.say(principal, text)).delivered,
      ),
    press: (principal, messageText, button, asked) =>
      shownTo(principal, () =>
        people.press(principal, messageWith(messageText), button, { answer: asked ?? "" }, { client }),
      ),
    channel: async () => inChannel().flatMap(({ from, card }) => (from === teams.botId ? [seen(card)] : [])),
    redeliver: async () => void (await teams.redeliver()),
    forge: async () => {
      const activity = people.activity("operator", "message", "personal", { text: "note forged" });
      return (await teams.deliver(activity, { key: "somebody-elses" })).status;
    },
    dispose,
  };
}

chatSurfaceContract("a Teams channel", () => createSurface("in the channel"), { outside: true, door: true });
chatSurfaceContract("their chat with the bot in Teams, with an older client", () => createSurface("alone", "old"), {
  outside: true,
  door: true,
});
