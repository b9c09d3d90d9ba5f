import { z } from "zod";
import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Role } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";

export const roleRelease = defineCommand({
  name: "role release",
  summary: "Give up a role of yours in the open incident",
  positionals: ["role"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({ role: Role }),
  run: async ({ role }, core, caller) => warRoomView(core, await core.warRoom.release(role, caller)),
  present: (view, caller) => rolesCard(view, caller),
});
