import { type Stub, stubs } from "./stub.ts";

const ROLES = ["test/war-room/roles.test.ts"];
const CHECK_INS = ["test/war-room/check-ins.test.ts"];
const DELIVERY = ["test/chat/delivery.test.ts"];
const PLANS = ["test/plans/fixtures.test.ts"];

/** Who leads is clear at every moment, nobody is asked without end, and the link leads where the plan says. */
export const warRoomStubs: Stub[] = [
  ...stubs("src/war-room/war-room.ts", ROLES, [
    {
      name: "a role in an incident is taken from somebody without a word",
      find: "if (holder && from !== holder.principal) throw takenBy(role, holder);",
      replace: "",
    },
    {
      name: "a role in an incident is given up by somebody who does not have it",
      find: "if (holder.principal !== caller.principal) throw takenBy(role, holder);",
      replace: "",
    },
    {
      name: "somebody who was not asked accepts the handover of an incident",
      find: "if (open?.to !== caller.principal) {",
      replace: "if (!open) {",
    },
  ]),
  ...stubs("src/war-room/fold.ts", ROLES, [
    {
      name: "an offer to lead an incident stands when the lead went another way",
      find: 'return { ...one, phase: one.handoverId === accepted ? "accepted" : "void" };',
      replace: 'return { ...one, phase: one.handoverId === accepted ? "accepted" : "offered" };',
    },
  ]),
  ...stubs("src/war-room/decide-check-in.ts", CHECK_INS, [
    {
      name: "people are asked how it goes at the same pace for ever",
      find: "2 ** Math.min(20, Math.max(0, unchanged - SAME_BEFORE_SLOWER + 1))",
      replace: "1",
    },
    {
      name: "people are asked how it goes while nothing is wrong",
      find: "if (!incident || !state.warRoom || !isTroubled(state)) return { events: [] };",
      replace: "if (!incident || !state.warRoom) return { events: [] };",
    },
  ]),
  ...stubs("src/war-room/briefing-view.ts", CHECK_INS, [
    {
      name: "a check-in gives a moment that is past",
      find: "if (Date.parse(at) > now) return { at, basis };",
      replace: "if (at) return { at, basis };",
    },
  ]),
  ...stubs("src/chat/delivery.ts", DELIVERY, [
    {
      name: "what was pinned in a chat stays pinned when it is over",
      find: "if (pin !== (known.pinned ?? false))",
      replace: "if (pin && !known.pinned)",
    },
  ]),
  ...stubs("src/plans/check-war-room.ts", PLANS, [
    {
      name: "people are sent to a room over plain http",
      find: 'if (parsed.protocol !== "https:")',
      replace: 'if (parsed.protocol === "ftp:")',
    },
  ]),
];
