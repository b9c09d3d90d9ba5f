import { writeSync } from "node:fs";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { fill } from "./fixture.ts";

/** A process of its own that appends without end, and prints each sequence once the store acknowledged it. */
const store = openSqliteStore({ directory: process.argv[2] ?? "" });
for (let index = (await store.head()).seq; ; index++) {
  const [result] = await fill(store, 1, index);
  if (result?.outcome !== "appended") throw new Error(`The event ${index} was not appended: ${result?.outcome}.`);
  writeSync(1, `${result.events[0]?.seq}\n`);
}
