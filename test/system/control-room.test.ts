import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppState } from "../../src/state.ts";
import { browserInstalled, startBrowser } from "../helpers/browser.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";

let place: Place;
let server: Instance;
let browser: Awaited<ReturnType<typeof startBrowser>>;

beforeEach(async () => {
  browser = await startBrowser();
  place = await openPlace();
  server = await place.start("one", {});
});
afterEach(async () => {
  await browser.close();
  await place.end();
});

describe.skipIf(!browserInstalled)("the control room in a browser, when chats are down", () => {
  it("takes a failover from the dead region to its end, with nothing reloaded by hand", async () => {
    const { muster } = server;
    await muster.until(
      "a ready failover",
      ({ readiness }) => Object.values(readiness).some(({ status }) => status === "ready"),
      30_000,
    );
    const people = await Promise.all(
      ["approver-1", "approver-2"].map(async (who) => {
        const visit = await browser.open(server.url, { width: 1280, height: 900 });
        await visit.page.getByLabel("You are").selectOption(who);
        await visit.page.getByRole("textbox", { name: "Command" }).waitFor();
        return visit;
      }),
    );
    await place.lab.fault({ kind: "kill", region: "us-east-1" });
    for (const [index, { page }] of people.entries()) {
      await page.getByRole("button", { name: /^Approve and accept/ }).click({ timeout: 30_000 });
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^Approve/ })
        .click();
      const isCounted = ({ approvals }: AppState) => approvals["ap-1"]?.decisions.length === index + 1;
      await muster.until("the decision", isCounted, 10_000);
    }
    await muster.until("the end of the run", ({ runs }) => runs["run-1"]?.phase === "completed", 60_000);
    for (const { page, errors } of people) {
      await page.getByText("Failover us-east-1 → eu-central completed").first().waitFor({ timeout: 10_000 });
      const approve = page.getByRole("button", { name: /^Approve/ });
      await expect.poll(() => approve.count(), { timeout: 10_000 }).toBe(0);
      expect(errors).toEqual([]);
    }
    const { decisions } = (await muster.state()).approvals["ap-1"] ?? {};
    expect(decisions?.map(({ principal }) => principal)).toEqual(["approver-1", "approver-2"]);
  });
});
