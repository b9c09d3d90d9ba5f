import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { readBlocks } from "../../../lab/slack/blocks.ts";
import { userIdOf } from "../../../lab/slack/state.ts";
import { createSlowCommand } from "../../helpers/slow-command.ts";
import { openSlackSurface, type SlackSurface, type SurfaceOptions } from "./world.ts";

let slack: SlackSurface;
afterEach(() => slack.dispose());

const SIGN = "Working on ponder … It was taken; there is no need to ask again.";
const BUTTON = { command: "ponder", input: {}, label: "Ponder" };

async function open(over: "socket" | "http", options: SurfaceOptions = {}) {
  const slow = createSlowCommand();
  slack = await openSlackSurface(over, { commands: [slow.command], ...options });
  return slow;
}
const shown = () => slack.server.state.private.map(({ blocks }) => readBlocks(blocks).text.trim());
const told = (count: number) => expect.poll(() => shown().length).toBe(count);

/** A message of the channel with a button for it. */
function messageWithButton() {
  const { label, ...value } = BUTTON;
  const text = { type: "plain_text", text: label };
  const button = { type: "button", action_id: "press/0", text, value: JSON.stringify(value) };
  const blocks = [{ type: "actions", elements: [button] }];
  const message = { ts: "1.000001", channel: "C0INCIDENTS", user: "U0MUSTER", text: "", blocks, edits: 0, files: [] };
  slack.server.state.messages.push(message);
  return message;
}

describe("what takes long in Slack", () => {
  it.each(["socket", "http"] as const)("is said to be under way, to who asked alone, over %s", async (over) => {
    const slow = await open(over);
    await slack.people.command("observer", "ponder");
    await told(1);
    slow.finish();
    await told(2);
    expect(shown()).toEqual([SIGN, expect.stringContaining("Pondered at last")]);
    expect(slack.server.state.private.map(({ user }) => user)).toEqual(
      Array(2).fill(userIdOf(slack.server.state, "observer")),
    );
    expect(slack.server.state.messages).toEqual([]);
  });

  it("is said beside a message whose button was pressed, which stays as it is", async () => {
    const slow = await open("socket", { signAfterMs: 10 });
    const message = messageWithButton();
    const before = structuredClone(message);
    await slack.people.press("observer", message, BUTTON.label);
    await told(1);
    slow.finish();
    await told(2);
    expect(shown()).toEqual([SIGN, expect.stringContaining("Pondered at last")]);
    expect(slack.server.state.messages).toEqual([before]);
  });

  it("is not said of what is answered at once", async () => {
    await open("socket");
    await slack.people.command("observer", "status");
    await told(1);
    expect(shown()[0]).toContain("served from east");
  });

  it("is not said again when Slack delivers again", async () => {
    const slow = await open("http", { signAfterMs: 1 });
    await slack.people.command("observer", "ponder");
    await told(1);
    await slack.redeliver?.();
    // By the time this is answered a second sign would have been shown.
    await slack.people.command("approver-1", "status");
    await expect.poll(() => shown().join()).toContain("served from east");
    slow.finish();
    await expect.poll(() => shown().join()).toContain("Pondered at last");
    expect(shown().filter((text) => text === SIGN)).toHaveLength(1);
  });

  it("is answered all the same when Slack does not take the sign, which the log says", async () => {
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
    const slow = await open("socket", { signAfterMs: 10, logger });
    slack.server.trouble = "away";
    await slack.people.command("observer", "ponder");
    await expect.poll(() => lines.join()).toContain("Slack: a sign of work could not be dealt with");
    expect(lines.join()).not.toContain("/respond/");
    slack.server.trouble = undefined;
    slow.finish();
    await told(1);
    expect(shown()[0]).toContain("Pondered at last");
  });
});
