import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.ts";
import { redactText } from "./journal/redact.ts";

/**
 * Lines of JSON, without what looks like a secret: errors of vendors' clients hold what was sent and what came back,
 * and a vendor or a proxy between may say what it was sent.
 */
export function createLogger(level: Config["logLevel"], destination: DestinationStream): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: redactText } },
    destination,
  );
}
