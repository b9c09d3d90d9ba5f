import type { DomainEvent } from "../../src/events.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { AppState } from "../../src/state.ts";
import { publicPlan, publicStory } from "./public-story.ts";
import { regionDies } from "./story-moves.ts";

/** A region is down, and the first update is on its way. */
export function firstUpdate(plan: Plan = publicPlan()): { plan: Plan; event: DomainEvent; state: AppState } {
  const story = publicStory(plan);
  regionDies(story);
  story.available(false);
  story.settle();
  const event = story.events().find(({ kind }) => kind === "comms.due");
  if (!event) throw new Error("no update is due");
  return { plan, event, state: story.state() };
}
