import type { Logger } from "pino";

/** Until a signal comes, or the process that started this one with a channel is gone. */
export function untilAsked(logger: Logger): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as NodeJS.Signals[];
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals | undefined) => {
      // A second Ctrl-C ends the process at once, as people expect.
      for (const one of signals) process.off(one, stop);
      logger.info({ signal: signal ?? "disconnect" }, "stopping");
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
