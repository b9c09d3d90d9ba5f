import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { openModel } from "../../adapters/model/index.ts";
import type { ModelsFile } from "../../src/assistant/endpoints.ts";
import { doctorText } from "../../src/cli/doctor.ts";
import { systemClock } from "../../src/clock.ts";
import { loadConfig } from "../../src/config.ts";
import { baseChecks } from "../../src/doctor/base-checks.ts";
import { type Check, runChecks } from "../../src/doctor/check.ts";
import { modelChecks } from "../../src/doctor/model-checks.ts";
import { planChecks } from "../../src/doctor/plan-checks.ts";
import { AppError } from "../../src/errors.ts";
import { defineProbe } from "../../src/ports.ts";
import { startModel } from "../helpers/model.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const check = (name: string, run: Check["run"]): Check => ({ area: "test", name, run });

describe("checks", () => {
  it("become findings, whatever happens to them, in the order in which they were given", async () => {
    const refused = new AppError({ code: "vendor-rejected", summary: "The token is wrong", hint: "Get a new one." });
    const found = await runChecks(
      [
        check("hangs", () => new Promise(() => {})),
        check("refused", () => Promise.reject(refused)),
        check("throws", () => Promise.reject(new Error("boom"))),
        check("works", async () => ({ state: "ok", said: "Fine." })),
      ],
      50,
    );
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "hangs failed",
      "refused failed",
      "throws failed",
      "works ok",
    ]);
    expect(found[0]?.said).toContain("No answer within");
    expect(found[1]).toMatchObject({ said: "The token is wrong.", fix: "Get a new one." });
    expect(found[2]?.said).toBe("boom.");
  });

  it("say what to do only where something is wrong", () => {
    const text = doctorText(
      [
        { area: "store", name: "SQLite", state: "ok", said: "Fine.", fix: "nothing" },
        { area: "slack", name: "token", state: "failed", said: "It is wrong.", fix: "Get a new one." },
      ],
      false,
    );
    expect(text).toBe(
      "store\n  ✓ SQLite: Fine.\nslack\n  ✗ token: It is wrong.\n    → Get a new one.\n\n1 check failed.",
    );
  });
});

describe("what a plan names", () => {
  const probe = (ok: boolean) =>
    defineProbe({
      id: "test.probe",
      summary: "A probe",
      input: z.object({}),
      run: async () => ({ ok, latencyMs: 1, detail: ok ? "HTTP 200" : "connect refused" }),
    });
  const found = async (ok: boolean, hidden: string[] = [], kind = "test") => {
    const board = createSwitchboard();
    for (const name of hidden) board.hidden.add(name);
    const probes = [{ id: "api", uses: "test.probe", with: {} }];
    const detection = { intervalMs: 1, timeoutMs: 1, downAfter: 3, healthyAfter: 3, probes: { east: probes } };
    const stores = { db: { kind, service: "api", lossBudgetSeconds: 5, copies: { east: {}, west: {} } } };
    const plan = makePlan({ failover: { steps: [makeStep("a"), makeStep("b")] } }, { detection, stores });
    const registry = { ...board.registry, probes: new Map([["test.probe", probe(ok)]]) };
    const checked = await runChecks(planChecks({ plan, registry, requestTimeoutMs: 100 }));
    return { board, checked: checked.map(({ area, name, state }) => `${area}: ${name} ${state}`) };
  };

  it("is looked at with the real clients, and nothing is changed", async () => {
    const { board, checked } = await found(true);
    expect(checked).toContain("east: probe api (test.probe) ok");
    expect(checked).toContain("failover east → west: a (test.switch) ok");
    expect(board.requests).toEqual([]);
  });

  it("fails where it cannot be seen", async () => {
    const { checked } = await found(false, ["b"]);
    expect(checked).toContain("east: probe api (test.probe) failed");
    expect(checked).toContain("failover east → west: a (test.switch) ok");
    expect(checked).toContain("failover east → west: b (test.switch) failed");
  });

  it("fails for a store of a kind that this version cannot read", async () => {
    const { checked } = await found(true, [], "unheard-of");
    expect(checked).toContain("east: copy of db (unheard-of) failed");
  });
});

describe("Muster's own footing", () => {
  const config = loadConfig({ MUSTER_URL: "http://127.0.0.1:9" });
  const store = { head: async () => ({ seq: 7, hash: "" }), close: async () => {} };

  it("names what is missing", async () => {
    const found = await runChecks(baseChecks(config, async () => store as never));
    expect(found.map(({ area, state }) => `${area} ${state}`)).toEqual([
      "store warning",
      "people failed",
      "server off",
    ]);
  });

  it("takes a store that a running Muster holds for well, and a damaged one not", async () => {
    const fails = (code: "store-locked" | "store-damaged") => async () => {
      throw new AppError({ code, summary: code });
    };
    const [held] = await runChecks(baseChecks(config, fails("store-locked")));
    const [damaged] = await runChecks(baseChecks(config, fails("store-damaged")));
    expect([held?.state, damaged?.state]).toEqual(["ok", "failed"]);
  });
});

describe("the checks of language models", () => {
  it("say that there is none, which is no fault", async () => {
    expect(await runChecks(modelChecks())).toMatchObject([{ area: "model", state: "off" }]);
  });

  it("ask each endpoint of the file, and say what is wrong with it", async () => {
    const { server, models } = await startModel();
    onTestFinished(() => server.close());
    const open = (one: ModelsFile) => openModel({ models: one, secret: () => "the-key", clock: systemClock });
    server.play({ does: "writes", output: { ready: true } });
    expect(await runChecks(modelChecks({ models, open }))).toMatchObject([
      { name: "east", state: "ok", said: "gpt-5.1 answers in the form of a draft (1500 tokens)." },
    ]);
    server.play({ does: "fails", status: 410 });
    const [gone] = await runChecks(modelChecks({ models, open }));
    expect(gone).toMatchObject({ state: "failed", fix: expect.stringContaining("retired") as string });
  });
});
