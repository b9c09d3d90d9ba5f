import { describe, expect, it } from "vitest";
import { dr } from "../cli/run.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "../http/server.ts";

/** The scene's loss grew over what the first question allowed. */
const OLD = "at most 5 s";
const NEW = "at most 12 s";
const CHANGE = new RegExp(`${OLD} → ${NEW}`);

describe("the fact that took an approval away is shown as old → new", () => {
  it.each([["pending"], ["timeline"], ["journal", "--kind", "approval.voided"]])("by dr %s", async (...words) => {
    const { out, code } = await dr(words, await scenes.voided());
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(CHANGE);
  });

  it("in the control room: under what no longer holds, and with the new question", async () => {
    const { browser } = startHttp(await scenes.voided());
    const page = await (await browser("approver-1")).get("/");
    const text = await page.text();
    const [, gone = ""] = /id="approval-1"(.*?)id="approval-2"/s.exec(text) ?? [];
    const [, asked = ""] = /id="approval-2"(.*)/s.exec(text) ?? [];
    expect(gone).toMatch(new RegExp(`${OLD}.*${NEW}`, "s"));
    expect(asked).toMatch(new RegExp(`in place of approval-1.*${OLD} → ${NEW}`, "s"));
  });

  it("to programs: in the state, and in the live feed's event", async () => {
    const { as } = startHttp(await scenes.voided());
    for (const path of ["/api/v1/approvals", "/api/v1/journal?kind=approval.voided"]) {
      const body = await (await as("observer").get(path)).text();
      expect(body, path).toContain(`"changes":[{"what":"loss in sessions","old":"${OLD}","new":"${NEW}"}]`);
    }
  });
});
