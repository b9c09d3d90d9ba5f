import { describe, expect, it } from "vitest";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

describe("typing and pressing", () => {
  const JSON_ANSWER = { accept: "application/json" };

  it("with script: a refusal comes back for this person alone, a question too, a deed says nothing twice", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("operator");
    const say = async (text: string) => {
      const response = await form("/say", { text }, JSON_ANSWER);
      return { status: response.status, ...((await response.json()) as { ok: boolean; html: string }) };
    };
    const refused = await say("failover mars");
    expect(refused).toMatchObject({ status: 404, ok: false });
    expect(refused.html).toContain("Only you see this");
    expect((await say("/dr status")).html).toContain("api is NOT available");
    expect(await say("note hello")).toEqual({ status: 200, ok: true, html: "" });
    expect((await say("report")).html).toContain("status-report.md");
    expect((await say("failover eu-central --dry-run")).html).toContain("Dry run");
  });

  it("without script: goes back to the page, which shows the answer once and to nobody else", async () => {
    const { browser } = startHttp(await scenes.pending());
    const [operator, observer] = [await browser("operator"), await browser("observer")];
    const response = await operator.form("/say", { text: "statsu" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    expect(await (await observer.get("/")).text()).not.toContain("There is no command");
    expect(await (await operator.get("/")).text()).toContain("There is no command");
    expect(await (await operator.get("/")).text()).not.toContain("There is no command");
  });

  it("a pressed button runs its command as the person who presses, after it was confirmed", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("approver-2");
    const press = {
      command: "approve",
      input: '{"id":"approval-1","accept":["fence:fence-source"]}',
      label: "Approve",
      confirm: "Sure?",
    };
    const asked = await form("/press", press);
    expect(await asked.text()).toContain("Sure?");
    expect(core.current().runs["run-1"]?.phase).toBe("proposed");
    expect((await form("/press", { ...press, confirmed: "yes" })).status).toBe(303);
    expect(core.current().approvals["approval-1"]?.decisions.at(-1)?.principal).toBe("approver-2");
    expect(core.current().runs["run-1"]?.phase).toBe("running");
  });

  it("a button that asks for a reason sends it in its field", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("approver-2");
    const press = {
      command: "deny",
      input: '{"id":"approval-1"}',
      label: "Deny",
      askField: "reason",
      askLabel: "Why not?",
    };
    expect(await (await form("/press", press)).text()).toContain("Why not?");
    await form("/press", { ...press, confirmed: "yes", asked: "not tonight" });
    expect(core.current().approvals["approval-1"]).toMatchObject({
      phase: "denied",
      decisions: [{}, { reason: "not tonight" }],
    });
  });

  it("a form that was tampered with gains nothing", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("observer");
    const status = async (fields: Record<string, string>) =>
      (await form("/press", { confirmed: "yes", ...fields }, JSON_ANSWER)).status;
    expect(await status({ command: "approve", input: '{"id":"approval-1","acceptAll":true}' })).toBe(403);
    expect(await status({ command: "approve", input: "{" })).toBe(400);
    expect(await status({ command: "nothing", input: "{}" })).toBe(404);
    expect(core.current().approvals["approval-1"]?.decisions).toHaveLength(1);
  });

  it("nobody who is not signed in can do anything", async () => {
    const core = await scenes.detected();
    const { send } = startHttp(core);
    const body = new URLSearchParams({ text: "note hello" });
    const response = await send("/say", { method: "POST", body, headers: { origin: "http://127.0.0.1:4646" } });
    expect(response.status).toBe(401);
    expect(core.current().counts.notes).toBe(0);
  });
});
