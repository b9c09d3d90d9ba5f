import { afterEach, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { runCard } from "../../src/cards/run.ts";
import { chatMessages } from "../../src/chat/messages.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { runView } from "../../src/commands/run-view.ts";
import { AppError } from "../../src/errors.ts";
import { channelMessages } from "../../src/http/room/channel.ts";
import { fakeDirectory } from "../helpers/core.ts";
import { quarantineWest } from "../helpers/guarded-world.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const automatic = { approval: "automatic" as const, quorum: 1, roles: [], excludeRequester: true, expiryMs: 60_000 };
const plan = makePlan({
  failover: { steps: [makeStep("a")], trigger: "region-down" },
  rejoin: { kind: "rejoin", trigger: "region-returned", steps: [makeStep("follow")], policy: automatic },
});
let muster: TestMuster;
afterEach(() => muster.stop());

it("a rejoin that was aborted is asked for again by a person, by command or button, and never of the active region", async () => {
  const board = createSwitchboard();
  const rejected = new AppError({ code: "vendor-rejected", summary: "The vendor said no." });
  board.failures.set("follow", { times: 1, error: rejected });
  muster = startMuster(plan, board);
  const { core } = muster;
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  await muster.say(quarantineWest());
  muster.start("executor");
  await muster.until(({ runs }) => runs["run-1"]?.phase === "halted");
  await core.runs.abort("run-1", "not now", operator);
  const { runs } = await muster.until((state) => state.runs["run-1"]?.phase === "aborted");
  const card = runCard(await runView(core, runs["run-1"]!), operator);
  expect(card.buttons).toContainEqual(
    expect.objectContaining({ label: "Rejoin again", command: "rejoin", input: { region: "west" } }),
  );
  const dispatcher = createDispatcher({ core, commands, directory: fakeDirectory, logger: { error: () => {} } });
  const refused = dispatcher.text("rejoin east", operator);
  await expect(refused).rejects.toMatchObject({ code: "already-active", summary: expect.stringContaining("follow") });
  const { data } = await dispatcher.text("rejoin west --reason “the vendor has mended it”", operator);
  // What was proposed is shown as wherever a run is shown.
  expect(data).toMatchObject({ run: { runId: "run-2" }, stores: expect.any(Array) });
  const after = await muster.until((state) => state.runs["run-2"]?.phase === "completed");
  expect(after.runs["run-2"]).toMatchObject({ kind: "rejoin", requester: "operator", target: "west" });
  expect(Object.keys(after.runs)).toEqual(["run-1", "run-2"]);
  // The card of the first try offers nothing any more, and says why, wherever it stands.
  const at = new Date(core.now()).toISOString();
  const events = await core.journal.query({});
  const view = { state: after, waiting: [], at, caller: operator };
  const inRoom = channelMessages(events, view).find(({ id }) => id === "run-1")?.content;
  const inChat = chatMessages(events, { state: after, waiting: [], at }).find(({ id }) => id === "run-1")?.card;
  for (const old of [runCard(await runView(core, after.runs["run-1"]!), operator), inChat]) {
    expect(old?.buttons).toEqual([]);
    expect(old?.text).toContain("run-2 has made west a follower since.");
  }
  expect(inRoom).toMatchObject({ card: { buttons: [] } });
});
