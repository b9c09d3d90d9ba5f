import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { jsonRoots } from "../helpers/json-roots.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const noObject = jsonRoots.filter(([kind]) => kind !== "an empty object");

describe.each(noObject)("a body that is JSON and no object: %s", (_, text) => {
  it("is no command's input, whichever the command", async () => {
    const core = await scenes.pending();
    const { as, logged } = startHttp(core);
    const { seq } = core.current();
    for (const { name } of commands) {
      const answer = await as("commander").post(`/api/v1/commands/${name.replaceAll(" ", "-")}`, text);
      expect(answer.status, name).toBe(400);
      expect(await answer.json(), name).toMatchObject({ code: "bad-input", hint: expect.stringContaining("Usage") });
    }
    const said = await as("commander").post("/api/v1/text", text, { "idempotency-key": "k" });
    expect([said.status, await said.json()]).toMatchObject([400, { code: "bad-input", summary: "text is missing." }]);
    expect(logged).toEqual([]);
    expect(core.events.filter(({ seq: at, kind }) => at > seq && kind !== "command.refused")).toEqual([]);
  });

  it("is in no button's form of the control room", async () => {
    const { browser, logged } = startHttp(await scenes.pending());
    const { form } = await browser("commander");
    const press = { command: "note", input: text };
    const script = { accept: "application/json" };
    expect((await form("/press", press, script)).status).toBe(400);
    expect(logged).toEqual([]);
  });
});
