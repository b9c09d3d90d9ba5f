import { afterEach, describe, expect, it } from "vitest";
import { createSlowCommand } from "../../helpers/slow-command.ts";
import { seen, startTeamsSurface, type TeamsSurface } from "../../helpers/teams-surface.ts";

let surface: TeamsSurface;
afterEach(() => surface.dispose());

async function open() {
  const slow = createSlowCommand();
  surface = await startTeamsSurface([slow.command]);
  return slow;
}
const typing = () => surface.teams.state.typing;
const answers = () => surface.personal("observer").map(({ card }) => seen(card));
const answered = () => expect.poll(() => answers().join()).toContain("Pondered at last");

describe("what takes long in Teams", () => {
  it("lets Muster be seen typing, again and again, until the answer is there", async () => {
    const slow = await open();
    await surface.people.write("observer", "ponder");
    await expect.poll(() => typing().length).toBeGreaterThan(1);
    expect(answers()).toEqual([]);
    slow.finish();
    await answered();
    expect(new Set(typing())).toEqual(new Set(["a:observer"]));
    expect(answers()).toHaveLength(1);
  });

  it("and is asked for in the channel, lets it be seen where the answer will stand", async () => {
    const slow = await open();
    await surface.people.say("observer", "ponder");
    await expect.poll(() => typing()).toContain("a:observer");
    slow.finish();
    await answered();
    expect(surface.inChannel().filter(({ from }) => from === surface.teams.botId)).toEqual([]);
  });

  it("is not shown for what is answered at once", async () => {
    await open();
    await surface.people.write("observer", "status");
    await expect.poll(() => answers().join()).toContain("served from east");
    expect(typing()).toEqual([]);
  });

  it("is answered all the same when Teams takes no sign", async () => {
    const slow = await open();
    const lost = new Promise<void>((resolve) => {
      surface.teams.beforeAnswer = async (_, activity) => {
        if (activity.type !== "typing") return;
        resolve();
        throw new Error("the connection breaks");
      };
    });
    await surface.people.write("observer", "ponder");
    await lost;
    slow.finish();
    await answered();
    expect(answers()).toHaveLength(1);
  });
});
