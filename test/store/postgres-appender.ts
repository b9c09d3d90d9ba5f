import { once } from "node:events";
import { writeSync } from "node:fs";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { persist } from "./postgres-writer.ts";

/**
 * A process of its own that connects, says so, waits for the word, appends `count` events and prints each one
 * that was acknowledged as JSON.
 */
const [url = "", name = "", count = "1"] = process.argv.slice(2);
const store = await openPostgresStore({ url });
process.send?.("connected");
await once(process, "message");
process.disconnect?.();
await persist(store, name, {
  until: (written) => written === Number(count),
  onAcknowledged: (event) => writeSync(1, `${JSON.stringify(event)}\n`),
});
await store.close();
