import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { AppError, reportError } from "../../src/errors.ts";
import type { ActionContext, Assessment, RecoveryAction } from "../../src/ports.ts";
import { patienceMs } from "../helpers/patience.ts";

/** One resource that an action can bring to its wanted state, and what the suite may do to it. */
export interface RecoveryWorld {
  action: RecoveryAction;
  /** As a plan would write it; the suite parses it. At the start the resource is away from it. */
  input: unknown;
  /** What stands in the world, comparable: a transition that happened twice must show. */
  state(): Promise<unknown>;
  /** Write requests that arrived so far, whether they changed anything or not. */
  writes?(): Promise<number>;
  /** Somebody else changes the resource between a look and a write. Checks and waits write nothing. */
  interfere?(): Promise<void>;
  /** The control plane or server refuses connections. */
  disconnect(): Promise<void>;
  /** It takes connections and answers nothing. */
  freeze(): Promise<void>;
  dispose(): Promise<void>;
}

export interface RecoveryActionSuite {
  name: string;
  create(): Promise<RecoveryWorld>;
  /** For checks and waits, which write nothing: brings the world to the wanted state instead of `apply`. */
  satisfy?(world: RecoveryWorld): Promise<void>;
  /** It has a way back. */
  reversible?: boolean;
  /** What it says at the start; only a wait is already moving. */
  startsAs?: "away" | "moving";
  /** What the action says of a world that does not answer. Only a check may take that for a finding. */
  unreachable?: "unknown" | "away";
  /** `false` where only this run's own handle can prove the state, so that a look without it is away. */
  provesItself?: boolean;
  /** Parts of configuration that must not be in any error or in what was seen. */
  secrets?: string[];
}

/** A world that answers has all the time that a busy machine takes. */
const REQUEST_TIMEOUT_MS = 10_000;
/** One that does not is not waited for so long. */
const SHORT_REQUEST_TIMEOUT_MS = 300;
/** Far more than the short limit, and far less than the other and whatever a vendor's client would wait by itself. */
const SOON_MS = 5_000;

export function actionContext(overrides: Partial<ActionContext> = {}): ActionContext {
  return {
    signal: new AbortController().signal,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    token: "run-1/step/1",
    now: Date.now,
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    ...overrides,
  };
}

/** What every recovery action must do, against the real wire. */
export function recoveryActionContract(suite: RecoveryActionSuite): void {
  const {
    name,
    create,
    satisfy,
    startsAs = "away",
    reversible = false,
    unreachable = "unknown",
    provesItself = true,
    secrets = [],
  } = suite;

  describe(`the recovery action contract, kept by ${name}`, () => {
    let world: RecoveryWorld;
    let action: RecoveryAction;
    let input: unknown;

    beforeEach(async () => {
      world = await create();
      action = world.action;
      input = action.input.parse(world.input);
    });
    afterEach(() => world.dispose());

    const look = (overrides: Partial<ActionContext> = {}) => action.assess(input, actionContext(overrides));
    const seenAway = async () => {
      const assessment = await look();
      expect(assessment.state).toBe(startsAs);
      return "seen" in assessment ? assessment.seen : undefined;
    };

    async function untilReached(handle?: string): Promise<Assessment<unknown>> {
      const overrides = handle === undefined ? {} : { handle };
      const deadlineAt = Date.now() + patienceMs;
      for (;;) {
        const assessment = await look(overrides);
        if (assessment.state === "reached" || Date.now() > deadlineAt) return assessment;
        await sleep(25);
      }
    }

    /** Applies, or brings the world there otherwise, and gives the handle. */
    async function bringAbout(): Promise<string | undefined> {
      const seen = await seenAway();
      if (action.apply === undefined) {
        await satisfy?.(world);
        return undefined;
      }
      return (await action.apply(input, seen, actionContext())).handle;
    }

    it("describes every field of its input, refuses others, and takes again what it has parsed", () => {
      const schema = z.toJSONSchema(action.input, { io: "input" });
      expect(undescribed(schema)).toEqual([]);
      expect(action.input.safeParse({ ...(world.input as object), surprise: true }).success).toBe(false);
      expect(action.input.parse(input)).toEqual(input);
      expect([action.apply !== undefined, action.undo !== undefined]).toEqual([satisfy === undefined, reversible]);
    });

    it("writes nothing while it assesses", async () => {
      const before = { state: await world.state(), writes: await world.writes?.() };
      await look();
      await look({ handle: "not a handle of ours" });
      expect({ state: await world.state(), writes: await world.writes?.() }).toEqual(before);
    });

    it("gets from away to reached, and stays there", async () => {
      const handle = await bringAbout();
      expect(await untilReached(handle)).toMatchObject({ state: "reached" });
      const after = await world.state();
      expect(await untilReached(handle)).toMatchObject({ state: "reached" });
      expect(await world.state()).toEqual(after);
    });

    it(`${provesItself ? "sees" : "cannot see"} the wanted state without this run's handle`, async () => {
      const handle = await bringAbout();
      await untilReached(handle);
      expect((await look()).state).toBe(provesItself ? "reached" : "away");
    });

    it("makes what it saw and what it is given fit for the journal", async () => {
      const assessment = await look();
      expect(JSON.parse(JSON.stringify(assessment))).toEqual(assessment);
      expect(JSON.stringify(assessment).length).toBeLessThan(4_000);
      for (const secret of secrets) expect(JSON.stringify(assessment)).not.toContain(secret);
      expect(action.dependsOn(input).every((name) => name.length > 0)).toBe(true);
      expect(action.expectedMs(input)).toBeGreaterThan(0);
    });

    it("is never reached while the world does not answer, and says so in time", async () => {
      await world.freeze();
      const startedAt = performance.now();
      expect((await look({ requestTimeoutMs: SHORT_REQUEST_TIMEOUT_MS })).state).toBe(unreachable);
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
    });

    it("is never reached while the world refuses connections, and says why", async () => {
      await world.disconnect();
      const assessment = await look();
      expect(assessment.state).toBe(unreachable);
      if (assessment.state === "unknown") expect(assessment.reason.length).toBeGreaterThan(20);
    });

    it("stops looking when it is told to", async () => {
      await world.freeze();
      const controller = new AbortController();
      const assessing = action.assess(input, actionContext({ signal: controller.signal, requestTimeoutMs: 30_000 }));
      const startedAt = performance.now();
      setTimeout(() => controller.abort(), 50);
      expect((await assessing).state).not.toBe("reached");
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
      expect((await look({ signal: AbortSignal.abort() })).state).not.toBe("reached");
    });

    if (satisfy) return;

    describe("applying", () => {
      const apply = (seen: unknown, overrides: Partial<ActionContext> = {}) =>
        action.apply!(input, seen, actionContext(overrides));

      it("changes nothing more when it is sent again after its answer was lost", async () => {
        const seen = await seenAway();
        const first = await apply(seen);
        await untilReached(first.handle);
        const after = await world.state();
        const second = await apply(seen).then(
          ({ handle }) => handle ?? first.handle,
          (error) => {
            expect(error).toMatchObject({ code: "vendor-conflict", retryable: true });
            return first.handle;
          },
        );
        expect(await untilReached(second)).toMatchObject({ state: "reached" });
        expect(await world.state()).toEqual(after);
      });

      it("refuses to write over what somebody else changed since it looked", async () => {
        const seen = await seenAway();
        await world.interfere?.();
        const theirs = await world.state();
        await expect(apply(seen)).rejects.toMatchObject({ code: "vendor-conflict", retryable: true });
        expect(await world.state()).toEqual(theirs);
      });

      it.each(["disconnect", "freeze"] as const)("fails so that it may be tried again, after %s", async (way) => {
        const seen = await seenAway();
        await world[way]();
        const startedAt = performance.now();
        const short = { requestTimeoutMs: SHORT_REQUEST_TIMEOUT_MS };
        const error = await apply(seen, short).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: "vendor-unavailable", retryable: true });
        expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
        const report = reportError(error);
        expect(report.hint.length).toBeGreaterThan(20);
        for (const secret of secrets) expect(everythingIn(error)).not.toContain(secret);
      });

      it("writes nothing when it was told to stop before", async () => {
        const seen = await seenAway();
        const before = await world.state();
        await expect(apply(seen, { signal: AbortSignal.abort() })).rejects.toBeDefined();
        expect(await world.state()).toEqual(before);
      });
    });

    if (!reversible) return;

    describe("going back", () => {
      const undo = () => action.undo!;
      const lookBack = (before: unknown, overrides: Partial<ActionContext> = {}) =>
        undo().assess(before, input, actionContext(overrides));

      /** Applies the change, and gives what was there before it. */
      async function changed(): Promise<unknown> {
        const before = await seenAway();
        const { handle } = await action.apply!(input, before, actionContext());
        await untilReached(handle);
        return before;
      }

      async function seenOurs(before: unknown): Promise<unknown> {
        const assessment = await lookBack(before);
        expect(assessment.state).toBe("away");
        const seen = "seen" in assessment ? assessment.seen : undefined;
        expect(undo().blockers(before, seen, input)).toEqual([]);
        return seen;
      }

      async function untilBack(before: unknown, handle?: string): Promise<void> {
        const overrides = handle === undefined ? {} : { handle };
        const deadlineAt = Date.now() + patienceMs;
        while ((await lookBack(before, overrides)).state !== "reached" && Date.now() < deadlineAt) await sleep(25);
        expect((await lookBack(before, overrides)).state).toBe("reached");
      }

      it("puts back what was there, and writes nothing while it looks", async () => {
        const before = await changed();
        const written = await world.writes?.();
        const seen = await seenOurs(before);
        expect(await world.writes?.()).toEqual(written);
        const { handle } = await undo().apply(before, input, seen, actionContext());
        await untilBack(before, handle);
        expect(withoutVersions(await seenAway())).toEqual(withoutVersions(before));
      });

      it("changes nothing more when it is sent again after its answer was lost", async () => {
        const before = await changed();
        const seen = await seenOurs(before);
        const { handle } = await undo().apply(before, input, seen, actionContext());
        await untilBack(before, handle);
        const after = await world.state();
        await expect(undo().apply(before, input, seen, actionContext())).rejects.toMatchObject({
          code: "vendor-conflict",
          retryable: true,
        });
        expect(await world.state()).toEqual(after);
      });

      it("leaves alone what somebody else set since, and says so", async () => {
        const before = await changed();
        await world.interfere?.();
        const theirs = await world.state();
        const assessment = await lookBack(before);
        expect(assessment.state).toBe("away");
        const seen = "seen" in assessment ? assessment.seen : undefined;
        expect(undo().blockers(before, seen, input).join()).toMatch(/somebody else/);
        expect(await world.state()).toEqual(theirs);
      });

      it("refuses to write over what somebody else set between its look and its write", async () => {
        const before = await changed();
        const seen = await seenOurs(before);
        await world.interfere?.();
        const theirs = await world.state();
        await expect(undo().apply(before, input, seen, actionContext())).rejects.toMatchObject({
          code: "vendor-conflict",
        });
        expect(await world.state()).toEqual(theirs);
      });

      it("is never reached while the world does not answer", async () => {
        const before = await changed();
        await world.freeze();
        expect((await lookBack(before, { requestTimeoutMs: SHORT_REQUEST_TIMEOUT_MS })).state).toBe("unknown");
      });
    });
  });
}

/** Paths of all fields without a description, at any depth. */
function undescribed(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {}, items } = schema as { properties?: Record<string, object>; items?: object };
  const own = Object.entries(properties).flatMap(([name, field]) => [
    ...("description" in field ? [] : [`${path}${name}`]),
    ...undescribed(field, `${path}${name}.`),
  ]);
  return [...own, ...undescribed(items, `${path}[].`)];
}

/** Everything that a logger could print of an error: its fields, its causes and theirs. */
export function everythingIn(error: unknown): string {
  const seen = new Set<unknown>();
  const parts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "string") parts.push(value);
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) walk(Reflect.get(value, key));
  };
  walk(error);
  return parts.join("\n");
}

/** Versions and progress move on by themselves; what was wanted back is the value. */
function withoutVersions(seen: unknown): unknown {
  const { resourceVersion: _, observed: __, readyReplicas: ___, ...rest } = seen as Record<string, unknown>;
  return rest;
}
