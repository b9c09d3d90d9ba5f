import type { Context } from "hono";
import { stream } from "hono/streaming";
import { AppError } from "../errors.ts";
import type { HttpContext, HttpEnv } from "./options.ts";

/**
 * The whole journal as a backup file, for operators: unlike views it holds the plans in full. Something that goes
 * wrong in the middle can only break the answer off; a backup without its last line is refused by who reads it.
 */
export async function journalBackup(c: Context<HttpEnv>, { core, streams, logger }: HttpContext): Promise<Response> {
  const caller = c.get("caller");
  if (!caller?.roles.includes("operator")) {
    throw new AppError({
      code: "not-allowed",
      summary: `A backup needs the role operator; ${caller?.principal ?? "nobody"} does not have it.`,
      hint: "Ask an operator.",
    });
  }
  const release = streams.take(caller);
  c.header("content-type", "application/x-ndjson; charset=utf-8");
  return stream(
    c,
    async (out) => {
      try {
        for await (const line of core.journal.backup()) {
          if (out.aborted) return;
          await out.write(line);
        }
      } finally {
        release();
      }
    },
    async (error) => logger.error({ err: error }, "a backup was broken off"),
  );
}
