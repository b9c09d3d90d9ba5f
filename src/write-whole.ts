import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Replaces a file at once: a reader and a crash meet the old text or the new one, never half of one. `mode` is what
 * others may do with it, which is to read it where nothing else is said.
 */
export async function writeWhole(folder: string, path: string, text: string, mode = 0o666): Promise<void> {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, text, { flush: true, mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
