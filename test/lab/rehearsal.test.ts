import { describe, expect, it } from "vitest";
import { lookUntilKept } from "../../lab/rehearsal/look-until-kept.ts";
import type { MusterClient } from "../../lab/rehearsal/muster.ts";
import { isWrittenUp } from "../../lab/rehearsal/written-up.ts";
import { scenes } from "../helpers/scenes.ts";

describe("what a rehearsal looks at", () => {
  it("gets the time to become so, and is told as it was last seen where it does not", async () => {
    let looks = 0;
    const look = () => ({ promise: "told", kept: ++looks === 3, seen: `look ${looks}` });
    expect(await lookUntilKept(look)).toEqual({ promise: "told", kept: true, seen: "look 3" });
    expect(await lookUntilKept(look, 0)).toMatchObject({ kept: false, seen: "look 4" });
  });

  it("is written up when documents know of the end, not when others were written after it", async () => {
    const core = await scenes.completed();
    const muster = {
      events: async (kind: string) => core.events.filter((event) => event.kind === kind),
    } as unknown as MusterClient;
    const documents = [{ name: "timeline.md", sha256: "0".repeat(64) }];
    const write = (seq: number) =>
      core.emit("report.written", { incidentId: "incident-1", documents, asOf: { seq, hash: "" } });
    const before = core.events.length;
    expect(await isWrittenUp(muster, core.current())).toBe(false);
    const { seq } = core.emit("incident.resolved", { incidentId: "incident-1", reason: "over" });
    write(before);
    expect(await isWrittenUp(muster, core.current())).toBe(false);
    write(seq);
    expect(await isWrittenUp(muster, core.current())).toBe(true);
  });
});
