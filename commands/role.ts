import { doneCard } from "../src/cards/plain.ts";
import { rolesCard } from "../src/cards/war-room.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { currentWarRoom } from "../src/commands/war-room-view.ts";

export const role = defineCommand({
  name: "role",
  summary: "Show who does what in the incident",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: (_input, core) => currentWarRoom(core),
  present: ({ room }, caller) => (room ? rolesCard(room, caller) : doneCard("There was no incident so far")),
});
