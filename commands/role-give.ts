import { z } from "zod";
import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Person, PrincipalId, Role } from "../src/commands/inputs.ts";
import { warRoomView } from "../src/commands/war-room-view.ts";

export const roleGive = defineCommand({
  name: "role give",
  summary: "Give a role in the open incident to somebody",
  positionals: ["role", "person"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    role: Role,
    person: Person,
    from: PrincipalId.optional().describe("who has it and shall not have it any more"),
  }),
  run: async ({ person, ...request }, core, caller) =>
    warRoomView(core, await core.warRoom.give(request, person, caller)),
  present: (view, caller) => rolesCard(view, caller),
});
