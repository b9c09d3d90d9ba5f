import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { edited } from "../../stubs/stub.ts";
import { mutations } from "./list.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Whether the simulator finds them is what `npm run simulate:mutations` sees; that they can be planted, is seen here. */
it.each(mutations.map((one) => [one.name, one] as const))("fits the code as it is: %s", (_, mutation) => {
  const text = readFileSync(join(ROOT, mutation.file), "utf8");
  expect(edited({ ...mutation, tests: [] }, text)).not.toBe(text);
});
