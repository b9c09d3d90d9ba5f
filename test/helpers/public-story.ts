import { decideComms } from "../../src/comms/decide.ts";
import { createWriter } from "../../src/comms/words.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { UpdateState } from "../../src/state.ts";
import { createStory, EAST, type Story, storyPlan, WEST } from "./story.ts";
import { calm } from "./story-moves.ts";

export const write = createWriter();
export const MINUTE = 60_000;

type Communication = NonNullable<Plan["communication"]>;

export function publicPlan(change: Partial<Communication> = {}, stages: Partial<Communication["stages"]> = {}): Plan {
  const states = {
    healthy: "operational",
    degraded: "degraded_performance",
    elsewhere: "degraded_performance",
    partial: "partial_outage",
    down: "major_outage",
  } as const;
  const base = storyPlan({
    detection: { ...storyPlan().detection, outside: { id: "api", uses: "http.health", with: {} } },
  });
  const later = (minutes: number) => ({ afterMs: minutes * MINUTE, publish: "automatic" as const });
  return {
    ...base,
    communication: {
      title: "GenAI API",
      stages: { identified: later(5), degraded: later(10), monitoring: later(20), resolved: later(0), ...stages },
      components: { api: { name: "Question answering", states } },
      regions: { [EAST]: { name: "North America" }, [WEST]: { name: "Europe", addedLatencyMs: 90 } },
      ...change,
    },
  };
}

export interface PublicStory extends Story {
  /** Appends what is decided until nothing more is, and answers with when to look again. */
  settle(): number | undefined;
  /** Lets time pass, looking whenever it is asked for, as the worker does. */
  wait(ms: number): void;
  available(available: boolean): void;
  updates(): UpdateState[];
  /** As the follower would say of a page that takes everything. */
  deliver(): void;
}

/** A story that the public is told of. */
export function publicStory(plan: Plan = publicPlan()): PublicStory {
  const story = createStory(plan);
  calm(story);
  const now = () => Date.parse(story.now());
  const self: PublicStory = {
    ...story,
    settle() {
      for (let turns = 0; turns < 20; turns++) {
        const { events, wakeAt } = decideComms(plan, story.state(), now(), write);
        for (const { kind, data, actor } of events) story.emit(kind, data as never, actor);
        if (events.length === 0) return wakeAt;
      }
      throw new Error("deciding does not end");
    },
    wait(ms) {
      const end = now() + ms;
      for (let turns = 0; turns < 50 && now() < end; turns++) {
        const wakeAt = self.settle();
        story.advance(Math.min(end, Math.max(now() + 1, wakeAt ?? end)) - now());
      }
      self.settle();
    },
    available(available) {
      const at = story.now();
      const data = available ? { available, firstGoodAt: at } : { available, lastGoodAt: at };
      story.emit("availability.changed", { service: "api", ...data, precisionMs: 1_000 }, "system:detector");
    },
    updates: () => Object.values(story.state().comms["inc-1"]?.updates ?? {}),
    deliver() {
      for (const { updateId, incidentId, sent, skipped } of self.updates()) {
        if (skipped || sent.page) continue;
        story.emit("comms.sent", { updateId, incidentId, destination: "page" }, "system:status-page");
      }
    },
  };
  self.available(true);
  return self;
}
