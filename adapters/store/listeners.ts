export interface Listeners {
  subscribe(listener: () => void): () => void;
  /** Calls every listener soon, once for all notifications until then. Never throws. */
  notify(): void;
  clear(): void;
}

export function createListeners(): Listeners {
  const listeners = new Set<{ call: () => void }>();
  let scheduled = false;

  function callAll(): void {
    scheduled = false;
    for (const { call } of [...listeners]) {
      try {
        call();
      } catch (error) {
        // A listener's fault is not the writer's, and must not keep the other listeners waiting.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  return {
    subscribe(call) {
      const entry = { call };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    notify() {
      if (scheduled || listeners.size === 0) return;
      scheduled = true;
      setImmediate(callAll);
    },
    clear: () => listeners.clear(),
  };
}
