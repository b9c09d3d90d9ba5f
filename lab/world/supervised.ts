import type { Child } from "./processes.ts";

/** One process of a region that is started again when it dies by itself, as its supervisor would. */
export interface Supervised {
  start(): void;
  current(): Child | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Ends it for good; resolves when it is gone. */
  kill(): Promise<void>;
}

const RESTART_AFTER_MS = 500;

export function supervise(spawn: (restarted: boolean) => Child): Supervised {
  let child: Child | undefined;

  function run(restarted: boolean): void {
    const started = spawn(restarted);
    child = started;
    started.exited.then(() => setTimeout(() => child === started && run(true), RESTART_AFTER_MS));
  }

  return {
    start: () => run(false),
    current: () => child,
    signal: (signal) => child?.isAlive() && child.signal(signal),
    async kill() {
      const killed = child;
      child = undefined;
      killed?.signal("SIGKILL");
      await killed?.exited;
    },
  };
}
