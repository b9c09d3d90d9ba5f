import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { listenOn } from "../../src/http/listen.ts";
import { browserInstalled, startBrowser, type Visit } from "../helpers/browser.ts";
import type { FakeCore } from "../helpers/core.ts";
import { person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { createSlowCommand } from "../helpers/slow-command.ts";
import { startHttp } from "./server.ts";

const WIDE: Visit = { width: 1280, height: 800 };
const NARROW: Visit = { width: 390, height: 800 };

describe.skipIf(!browserInstalled)("the control room in a browser", () => {
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  let close = async () => {};
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(() => close());
  afterAll(() => browser.close());

  async function visit(core: FakeCore, as: string, how: Visit) {
    const slow = createSlowCommand();
    const { app } = startHttp(core, { commands: [...commands, slow.command] });
    const server = await listenOn(app.fetch, { host: "127.0.0.1", port: 0 });
    const { page, errors } = await browser.open(server.url, how);
    close = async () => {
      await page.context().close();
      await server.close();
    };
    await page.getByLabel("You are").selectOption(as);
    await page.getByRole("textbox", { name: "Command" }).waitFor();
    return { page, errors, slow };
  }

  /** More than the page shows. */
  async function flood(core: FakeCore): Promise<void> {
    for (let index = 1; index <= 160; index++) await core.incidents.note(`news ${index}`, person("operator"));
  }

  it.each([
    ["wide", WIDE],
    ["narrow", NARROW],
  ])("keeps a question in sight under news, and leads to its card, in a %s window", async (_, how) => {
    const core = await scenes.pending();
    const { page, errors } = await visit(core, "approver-2", how);
    await flood(core);
    await page.getByText("news 160").waitFor();
    const question = page.locator("#questions li");
    const inSight = async (selector: string) => {
      const box = await page.locator(selector).boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= how.height;
    };
    await page.getByText("news 160").scrollIntoViewIfNeeded();
    expect(await inSight("#questions li")).toBe(true);
    expect(await inSight("#approval-1 .card")).toBe(false);
    expect(await question.innerText()).toContain("Approve? Failover us-east-1 → eu-central (1 of 2)");
    await question.getByRole("link", { name: "Look and decide" }).click();
    await expect.poll(() => inSight("#approval-1 strong, #approval-1 h3")).toBe(true);
    await core.approvals.deny("approval-1", "not now", person("approver-2"));
    await expect.poll(() => question.count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("says that a command is under way until its answer is there", async () => {
    const { page, errors, slow } = await visit(await scenes.calm(), "observer", WIDE);
    await page.getByRole("textbox", { name: "Command" }).fill("ponder");
    await page.getByRole("button", { name: "Send" }).click();
    const sign = page.getByText("Working on “ponder” …");
    await sign.waitFor();
    slow.finish();
    await page.getByText("Pondered at last").waitFor();
    expect(await sign.count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
