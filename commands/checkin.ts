import { z } from "zod";
import { checkInCard, rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";
import { roomOf } from "../src/war-room/views.ts";

export const checkin = defineCommand({
  name: "checkin",
  summary: "Say how the open incident goes: confirm the latest check-in, or add a line",
  positionals: ["text"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({
    text: Reason.meta({ rest: true }).optional().describe("what people should know; left out, it is so"),
  }),
  run: async ({ text }, core, caller) => warRoomView(core, await core.warRoom.checkIn(text, caller)),
  present: (view, caller) => {
    const latest = roomOf(view.incident).checkIns.at(-1);
    return latest ? checkInCard(latest, view.incident, caller) : rolesCard(view, caller);
  },
});
