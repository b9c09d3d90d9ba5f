import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCard } from "../../lab/teams/cards.ts";
import { startTeamsEmulator, type TeamsEmulator } from "../../lab/teams/emulator.ts";
import { createPeople } from "../../lab/teams/people.ts";
import { CHANNEL } from "../../lab/teams/state.ts";
import type { AppState } from "../../src/state.ts";
import { freePort } from "../helpers/free-port.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";
import { eventually } from "../lab/eventually.ts";

let port: number;
let place: Place;
let emulator: TeamsEmulator;
let server: Instance;

async function startMuster() {
  // A successor waits for the lease; Teams knows one address only.
  server = await place.start("one", { MUSTER_LEASE_MS: "2000", MUSTER_PORT: String(port) });
  return server.muster;
}

beforeEach(async () => {
  port = await freePort();
  place = await openPlace();
  emulator = await startTeamsEmulator(place.data, port);
});
afterEach(async () => {
  await place.end(emulator);
});

const CARDS = ["muster:genai-api/inc-1", "muster:genai-api/run-1", "muster:genai-api/ap-1"];
const created: string[] = [];

type Activity = { activity?: Activity; attachments?: { content: { body: { id?: string }[] } }[] };

/** Kills the server when it has posted one of its cards for the first time: Teams has it, and nobody will ever say so. */
function killAtEachCard(killed: string[], restarted: () => Promise<unknown>): void {
  emulator.teams.beforeAnswer = async (method, body) => {
    const { activity = body } = body as Activity;
    const marker = (activity as Activity).attachments?.[0]?.content.body.find(({ id }) => id !== undefined)?.id ?? "";
    if (method !== "POST") return;
    created.push(marker);
    if (!CARDS.includes(marker) || killed.includes(marker)) return;
    await server.kill();
    killed.push(marker);
    void restarted();
  };
}

describe("kill -9 of the server between a post to Teams and the note of it", () => {
  it("leaves one card, not two, for whichever card it was", async () => {
    const { teams } = emulator;
    const people = createPeople(teams);
    const muster = await startMuster();
    const isReady = ({ readiness }: AppState) => Object.values(readiness).some(({ status }) => status === "ready");
    await muster.until("a ready failover", isReady, 20_000);
    const killed: string[] = [];
    killAtEachCard(killed, startMuster);
    await people.write("operator", "failover eu-central --reason test");
    await eventually(() => expect(killed.toSorted()).toEqual(CARDS.toSorted()), 60_000);
    // The server goes on from what it found: its cards are edited, and each stands once.
    const cardWith = (part: string) =>
      teams.state.messages.filter(
        ({ conversation, card }) => conversation === CHANNEL && readCard(card).text.includes(part),
      );
    const approve = async () => {
      const [card] = cardWith("Approve? Failover");
      for (const who of ["approver-1", "approver-2"]) await people.press(who, card!, "Approve");
    };
    await eventually(approve, 20_000);
    const run = "Failover us-east-1 → eu-central completed";
    await eventually(() => expect(cardWith(run)).not.toEqual([]), 60_000);
    for (const marker of CARDS) expect(created.filter((one) => one === marker)).toHaveLength(1);
    expect(teams.calls.some((call) => call.startsWith("GET /graph/"))).toBe(true);
  });
});
