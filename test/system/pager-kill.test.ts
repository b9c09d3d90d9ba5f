import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PagerDutyEmulator, startPagerDutyEmulator } from "../../lab/pagerduty/emulator.ts";
import type { AppState } from "../../src/state.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";
import { eventually } from "../lab/eventually.ts";

let place: Place;
let emulator: PagerDutyEmulator;
let server: Instance;

async function startMuster() {
  // A successor waits for the lease.
  server = await place.start("one", { MUSTER_LEASE_MS: "2000" });
  emulator.tell(server.url);
  return server.muster;
}

beforeEach(async () => {
  place = await openPlace();
  emulator = await startPagerDutyEmulator(place.data);
});
afterEach(async () => {
  await place.end(emulator);
});

const KEY = "muster/genai-api/inc-1";
const isReady = ({ readiness, regions }: AppState) =>
  Object.values(readiness).some(({ status }) => status === "ready") &&
  Object.values(regions).every(({ verdict }) => verdict === "healthy");

describe("kill -9 of the server between a page and the note of it", () => {
  it("wakes people once, and nothing of what they wrote there is lost or doubled", async () => {
    const { pagerduty } = emulator;
    const muster = await startMuster();
    await muster.until("a ready failover", isReady, 20_000);
    const killed = new Promise<void>((resolve) => {
      pagerduty.beforeAnswer = async (what) => {
        if (what !== `trigger ${KEY}`) return;
        pagerduty.beforeAnswer = undefined;
        // It has the page, and nobody will ever say so.
        await server.kill();
        resolve();
      };
    });
    await place.lab.fault({ kind: "kill", region: "us-east-1" });
    await killed;
    expect(pagerduty.notified.map(({ key }) => key)).toEqual([KEY]);
    const again = await startMuster();
    await eventually(async () => {
      const told = (await again.state()).deliveries.pagerduty?.sent ?? [];
      expect(told.map(({ ref }) => ref)).toContain(KEY);
    }, 20_000);
    // The page was sent a second time under its key, which woke nobody.
    expect(pagerduty.requests.filter((one) => one === `trigger ${KEY}`)).toHaveLength(2);
    expect(pagerduty.notified.filter(({ key }) => key === KEY)).toHaveLength(1);

    await again.command("operator", "note", { text: "we look at it" });
    const [page] = pagerduty.incidents;
    await eventually(() => expect(page?.notes).toHaveLength(1), 20_000);
    await pagerduty.person.note(page?.id ?? "", "PUSER01", "so do we");
    await pagerduty.redeliver();
    const pins = async () => (await again.state()).incidents["inc-1"]?.pins.map(({ text }) => text);
    await eventually(async () => expect(await pins()).toEqual(["so do we"]), 10_000);
    expect(page?.notes.map(({ content }) => content.split("\n")[0])).toEqual(["we look at it", "so do we"]);
  });
});
