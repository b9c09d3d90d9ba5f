import { describe, expect, it } from "vitest";
import { describeEvent } from "../../src/events/describe.ts";
import { type DomainEvent, eventSchemas } from "../../src/events.ts";
import { everyKind } from "../helpers/every-kind.ts";
import { scenes } from "../helpers/incident-scenes.ts";

describe("describeEvent", () => {
  const story = everyKind();
  const byKind = new Map(story.events().map((event) => [event.kind, event]));

  for (const kind of Object.keys(eventSchemas) as (keyof typeof eventSchemas)[]) {
    it(`says what happened, ${kind}`, () => {
      const event = byKind.get(kind);
      if (!event) throw new Error(`the story has no ${kind}`);
      for (const text of [describeEvent(event, story.state()), describeEvent(event)]) {
        expect(text).toMatch(/^\p{L}.+\.$|^\p{L}.+[”!?…]$/su);
        expect(text).not.toMatch(/undefined|\[object|NaN|\.\.$/);
      }
    });
  }

  it("names Muster where a part of it acted, and people by their role", () => {
    const texts = story.events().map((event) => describeEvent(event, story.state()));
    expect(texts.filter((text) => text.includes("system:"))).toEqual([]);
    expect(texts).toContain("Failover run-1 aborted by commander: moved by hand.");
    expect(texts.some((text) => text.startsWith("Failover run-1 proposed by Muster ("))).toBe(true);
  });

  it("says in a sentence what a step saw", () => {
    const seen = { exists: true, replicas: 10, readyReplicas: 8, observed: true, resourceVersion: "7" };
    const step = { runId: "run-9", stepId: "scale-target", attempt: 1 };
    const event = { kind: "step.verified", data: { ...step, seen, alreadySo: true }, actor: "system:executor" };
    expect(describeEvent(event as DomainEvent)).toBe(
      "Step scale-target of run-9 verified: it was already so (10 replicas, 8 ready).",
    );
  });

  it("gives those probes for a verdict that speak for it", () => {
    const evidence = [
      { probe: "api", ok: true, detail: "HTTP 200.", failures: 0 },
      { probe: "sessions", ok: false, detail: "connect refused", failures: 3 },
    ];
    const at = "2026-03-07T02:15:02.000Z";
    const data = { region: "us-east-1", from: "healthy", to: "degraded", since: "2026-03-07T02:15:00.000Z", evidence };
    expect(describeEvent({ kind: "verdict.changed", data, at } as unknown as DomainEvent)).toBe(
      "Region us-east-1 went from healthy to degraded, first seen at 02:15:00 UTC: sessions: connect refused, 3 × in a row.",
    );
    const back = { ...data, from: "unknown", to: "healthy" };
    expect(describeEvent({ kind: "verdict.changed", data: back, at } as unknown as DomainEvent)).toBe(
      "Region us-east-1 is seen healthy: api: HTTP 200.",
    );
  });

  it("ends a reason's own sentence before it closes a bracket", () => {
    const step = { runId: "run-9", stepId: "shift-traffic", attempt: 1 };
    const event = { kind: "step.assessed", data: { ...step, state: "unknown", reason: "Route 53 does not answer." } };
    expect(describeEvent(event as DomainEvent)).toBe(
      "Step shift-traffic of run-9 assessed: unknown (Route 53 does not answer).",
    );
  });

  it("has at least the kind to say of an event that only a newer version knows", () => {
    expect(describeEvent({ kind: "moon.landed", data: {} } as unknown as DomainEvent)).toBe("moon.landed");
  });

  it("names steps and counts decisions where the state is at hand", () => {
    const texts = story.events().map((event) => describeEvent(event, story.state()));
    expect(texts).toContain("approver-1 approved ap-1 for run-1 (1 of 2). Accepted by name: fence:fence-source.");
    expect(texts).toContain("approver-2 approved ap-1 for run-1 (2 of 2). Accepted by name: fence:fence-source.");
    expect(texts).toContain("Step scale-target of run-1 (Scale the API in the target region) started.");
  });

  it("marks a drill as a drill", () => {
    const drill = scenes.drill();
    const texts = drill.events().map((event) => describeEvent(event, drill.state()));
    expect(texts.filter((text) => text.startsWith("Drill run-1 (failover)"))).toHaveLength(3);
  });
});
