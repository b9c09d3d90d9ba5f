import { createAdapters } from "../../adapters/index.ts";
import { writeSchema } from "../plans/json-schema.ts";

/** Writes the JSON Schema of a plan, which knows every recovery action and probe that there is. */
export async function schema(): Promise<void> {
  const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
  await writeSchema(registry);
  await close();
  console.log("plans/schema.json is written.");
}
