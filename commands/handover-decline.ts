import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";

export const handoverDecline = defineCommand({
  name: "handover decline",
  summary: "Say no to a handover, or take yours back",
  positionals: [],
  role: "observer",
  readOnly: false,
  input: Empty,
  run: async (_input, core, caller) => warRoomView(core, await core.warRoom.decline(caller)),
  present: (view, caller) => rolesCard(view, caller),
});
