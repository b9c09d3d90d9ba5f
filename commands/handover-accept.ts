import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";

export const handoverAccept = defineCommand({
  name: "handover accept",
  summary: "Take over as incident commander, as you were asked",
  positionals: [],
  role: "observer",
  readOnly: false,
  input: Empty,
  run: async (_input, core, caller) => warRoomView(core, await core.warRoom.accept(caller)),
  present: (view, caller) => rolesCard(view, caller),
});
