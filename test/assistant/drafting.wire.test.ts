import { describe, expect, it, onTestFinished } from "vitest";
import { writesDrafts } from "../../lab/model/writes.ts";
import { incidents } from "../eval/incidents.ts";
import { draftAll } from "../helpers/drafting.ts";
import { startModel } from "../helpers/model.ts";

describe("whole drafts of incidents", () => {
  it("hold what the events say and nothing else, with two requests each at most", async () => {
    expect(Object.keys(incidents).length).toBeGreaterThanOrEqual(5);
    const { server, assistant } = await startModel({ deadlineSeconds: 20 });
    onTestFinished(() => server.close());
    server.play(writesDrafts);
    const figures = await draftAll(assistant, () => 0);
    expect(figures).toHaveLength(Object.keys(incidents).length * 2);
    for (const one of figures) {
      const about = `${one.incident}, ${one.document}`;
      expect(one.fellBack, about).toBe(false);
      expect(one.cited, about).toBe(one.kept);
      expect(one.kept, about).toBeGreaterThan(0);
      expect(one.requests, about).toBeLessThanOrEqual(2);
      expect(one.texts.join(" "), about).not.toMatch(/bad deployment|no data was lost/i);
    }
    expect(figures.some(({ dropped }) => dropped > 0)).toBe(true);
  });
});
