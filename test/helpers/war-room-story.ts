import type { NewDomainEvent } from "../../src/events.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { AppState } from "../../src/state.ts";
import { decideCheckIn } from "../../src/war-room/decide-check-in.ts";
import type { CheckIn, WarRoom } from "../../src/war-room/fold.ts";
import { roomOf } from "../../src/war-room/views.ts";
import { createWarRoom } from "../../src/war-room/war-room.ts";
import { fakeDirectory } from "./core.ts";
import { createStory, type Story, storyPlan } from "./story.ts";
import { calm, regionDies } from "./story-moves.ts";

export const MINUTE = 60_000;
export const roomPlan = (change: Partial<NonNullable<Plan["warRoom"]>> = {}): Plan =>
  storyPlan({
    warRoom: { url: "https://meet.example.com/shop-${{ incident.id }}", checkInEveryMs: 5 * MINUTE, ...change },
  });

export interface RoomStory extends Story {
  people: ReturnType<typeof createWarRoom>;
  room(): WarRoom;
  checkIns(): CheckIn[];
  /** Lets time pass, looking whenever it is asked for, as the worker does. */
  wait(ms: number): void;
}

/** A region has died, and people meet. */
export function roomStory(plan: Plan = roomPlan()): RoomStory {
  const story = createStory(plan);
  story.emit("plan.adopted", { plan }, "system:server");
  calm(story);
  regionDies(story);
  const now = () => Date.parse(story.now());
  const append = (events: NewDomainEvent[]) =>
    events.map(({ kind, data, actor }) => story.emit(kind, data as never, actor));
  const journal = {
    commit: async (decide: (state: AppState) => NewDomainEvent[]) => {
      const events = append(decide(story.state()));
      return { events, state: story.state() };
    },
  };
  const roster = { current: () => fakeDirectory as never };
  const room = () => roomOf(story.state().incidents["inc-1"]);
  return {
    ...story,
    people: createWarRoom({ journal, clock: { now }, roster }),
    room,
    checkIns: () => room().checkIns,
    wait(ms) {
      const end = now() + ms;
      for (let turns = 0; turns < 500; turns++) {
        const { events, wakeAt } = decideCheckIn(story.state(), now());
        append(events);
        if (events.length > 0) continue;
        if (now() >= end) return;
        story.advance(Math.min(end, wakeAt ?? end) - now());
      }
      throw new Error("deciding does not end");
    },
  };
}
