import { z } from "zod";
import { handoverCard, rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Person, Reason } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";
import { openHandover, roomOf } from "../src/war-room/views.ts";

export const handover = defineCommand({
  name: "handover",
  summary: "As incident commander, ask somebody to take over",
  positionals: ["person", "note"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({
    person: Person,
    note: Reason.meta({ rest: true }).optional().describe("what the next one should know"),
  }),
  run: async ({ person, note }, core, caller) => warRoomView(core, await core.warRoom.offer(person, note, caller)),
  present: (view, caller) => {
    const offer = openHandover(roomOf(view.incident));
    return offer ? handoverCard(offer, view.incident, caller) : rolesCard(view, caller);
  },
});
