import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabClient, startLab } from "../../lab/client.ts";
import { createMuster, type MusterClient } from "../../lab/rehearsal/muster.ts";
import { type Server, startServer } from "../../lab/server.ts";
import { readCard } from "../../lab/teams/cards.ts";
import { startTeamsEmulator, type TeamsEmulator } from "../../lab/teams/emulator.ts";
import { createPeople } from "../../lab/teams/people.ts";
import { CHANNEL } from "../../lab/teams/state.ts";
import type { AppState } from "../../src/state.ts";
import { freePort } from "../helpers/free-port.ts";
import { eventually } from "../lab/eventually.ts";

let data: string;
let port: number;
let lab: LabClient;
let emulator: TeamsEmulator;
let server: Server;
const log: string[] = [];

async function startMuster(): Promise<MusterClient> {
  server = startServer(data, port, (line) => log.push(line));
  const url = await server.ready;
  if (url === undefined) throw new Error(`the server did not become ready: ${log.join("\n")}`);
  return createMuster(url, data);
}

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "muster-teams-kill-"));
  process.env.MUSTER_REPORTS = join(data, "reports");
  // A successor waits for it.
  process.env.MUSTER_LEASE_MS = "2000";
  port = await freePort();
  ({ lab } = await startLab(data));
  emulator = await startTeamsEmulator(data, port);
});

afterEach(async () => {
  delete process.env.MUSTER_REPORTS;
  delete process.env.MUSTER_LEASE_MS;
  await server.stop(3_000);
  await emulator.close();
  await lab.stop();
  rmSync(data, { recursive: true, force: true });
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
    process.kill(server.pid ?? 0, "SIGKILL");
    await server.exited;
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
