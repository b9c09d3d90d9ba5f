import { z } from "zod";
import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PrincipalId, Role } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";

/** Everybody who may look may do something: a role gives no permission. */
export const roleTake = defineCommand({
  name: "role take",
  summary: "Take a role in the open incident",
  positionals: ["role"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({
    role: Role,
    from: PrincipalId.optional().describe("who has it and shall not have it any more"),
  }),
  run: async (request, core, caller) => warRoomView(core, await core.warRoom.take(request, caller)),
  present: (view, caller) => rolesCard(view, caller),
});
