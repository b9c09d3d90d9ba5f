import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SlackEmulator, startSlackEmulator } from "../../lab/slack/emulator.ts";
import { createPeople } from "../../lab/slack/people.ts";
import { CHANNEL } from "../../lab/slack/state.ts";
import type { AppState } from "../../src/state.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";
import { eventually } from "../lab/eventually.ts";

let place: Place;
let emulator: SlackEmulator;
let server: Instance;

async function startMuster() {
  // A successor waits for the lease.
  server = await place.start("one", { MUSTER_LEASE_MS: "2000" });
  return server.muster;
}

beforeEach(async () => {
  place = await openPlace();
  emulator = await startSlackEmulator(place.data);
});
afterEach(async () => {
  await place.end(emulator);
});

const CARDS = ["genai-api/inc-1", "genai-api/run-1", "genai-api/ap-1"];

/** Kills the server when it has posted its next card: Slack has it, and nobody will ever say so. */
function killAtNextCard(): Promise<string> {
  return new Promise((resolve) => {
    emulator.slack.beforeAnswer = async (method, args) => {
      const marker = markerOf(typeof args.metadata === "string" ? JSON.parse(args.metadata) : args.metadata);
      if (method !== "chat.postMessage" || !CARDS.includes(marker)) return;
      emulator.slack.beforeAnswer = undefined;
      await server.kill();
      resolve(marker);
    };
  });
}

const markerOf = (metadata: unknown) =>
  (metadata as { event_payload?: { marker?: string } } | undefined)?.event_payload?.marker ?? "";
const posted = () =>
  emulator.slack.state.messages.filter(({ channel }) => channel === CHANNEL).map(({ metadata }) => markerOf(metadata));

describe("kill -9 of the server between a post to Slack and the note of it", () => {
  it("leaves one card, not two, for whichever card it was", async () => {
    const people = createPeople(emulator.slack);
    const muster = await startMuster();
    const isReady = ({ readiness }: AppState) => Object.values(readiness).some(({ status }) => status === "ready");
    await muster.until("a ready failover", isReady, 20_000);
    await eventually(() => expect(emulator.slack.connected()).toBe(true), 10_000);
    const killed: string[] = [];
    let next = killAtNextCard();
    await people.command("operator", "failover eu-central --reason test");
    for (let round = 0; round < 3; round++) {
      killed.push(await next);
      if (round < 2) next = killAtNextCard();
      await startMuster();
    }
    expect(killed.toSorted()).toEqual(CARDS.toSorted());
    // The server goes on from what it found: its cards are edited, and each stands once.
    const approve = async () => {
      const card = emulator.slack.state.messages.find(({ metadata }) => markerOf(metadata) === "genai-api/ap-1")!;
      for (const who of ["approver-1", "approver-2"]) await people.press(who, card, "Approve");
    };
    await eventually(approve, 20_000);
    const runCard = () =>
      JSON.stringify(emulator.slack.state.messages.find(({ metadata }) => markerOf(metadata) === "genai-api/run-1"));
    await eventually(() => expect(runCard()).toContain("completed"), 40_000);
    const markers = posted();
    for (const marker of CARDS) expect(markers.filter((one) => one === marker)).toHaveLength(1);
  });
});
