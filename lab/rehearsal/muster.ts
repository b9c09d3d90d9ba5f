import { readFileSync } from "node:fs";
import { createClient } from "../../src/cli/client.ts";
import type { WireEvent } from "../../src/commands/wire.ts";
import { AppError } from "../../src/errors.ts";
import type { AppState } from "../../src/state.ts";
import type { PublicPage } from "../../src/status-page/views.ts";
import { labPaths } from "../world/files.ts";

/** The running server, as the lab's principals use it: over HTTP, each with an own token. */
export interface MusterClient {
  state(): Promise<AppState>;
  command<Data>(principal: string, name: string, input: object): Promise<Data>;
  events(kind: string): Promise<WireEvent[]>;
  /** What everybody can read, without a token. */
  statusPage(): Promise<PublicPage>;
  /** Polls until it holds. Throws AppError `step-timeout` that says what was being waited for. */
  until(what: string, holds: (state: AppState) => boolean | Promise<boolean>, withinMs: number): Promise<AppState>;
}

const POLL_MS = 100;

export function createMuster(url: string, data: string): MusterClient {
  const tokens = JSON.parse(readFileSync(labPaths(data).tokens, "utf8")) as Record<string, string>;
  const clients = new Map(Object.entries(tokens).map(([principal, token]) => [principal, createClient(url, token)]));
  const observer = tokens.observer ?? "";

  async function state(): Promise<AppState> {
    const response = await fetch(`${url}/api/v1/state`, {
      headers: { authorization: `Bearer ${observer}` },
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`the server answered ${response.status} to a request for its state`);
    return (await response.json()) as AppState;
  }

  return {
    state,
    async command<Data>(principal: string, name: string, input: object) {
      const client = clients.get(principal);
      if (!client) throw new Error(`the lab has no principal "${principal}"`);
      return (await client.call(name, input)).data as Data;
    },
    events: async (kind) => (await clients.get("observer")?.journal({ kind, after: 0, limit: 1_000 })) ?? [],
    async statusPage() {
      const response = await fetch(`${url}/status/status.json`, { signal: AbortSignal.timeout(5_000) });
      if (!response.ok) throw new Error(`the status page answered ${response.status}`);
      return (await response.json()) as PublicPage;
    },
    async until(what, holds, withinMs) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const now = await state();
        if (await holds(now)) return now;
        if (performance.now() > deadline) {
          throw new AppError({
            code: "step-timeout",
            summary: `Waited ${withinMs / 1000} s in vain: ${what}.`,
            hint: describe(now),
          });
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}

/** What the state was when the waiting ended: enough to see where the story stuck. */
function describe(state: AppState): string {
  const regions = Object.values(state.regions).map(
    ({ code, verdict, quarantine }) => `${code} ${verdict}${quarantine ? " in quarantine" : ""}`,
  );
  const runs = Object.values(state.runs).map((run) => {
    const steps = run.steps.map(
      ({ stepId, phase, error }) => `${stepId} ${phase}${error ? ` (${error.summary})` : ""}`,
    );
    return `${run.runId} ${run.runbook} ${run.phase}: ${steps.join(", ")}`;
  });
  return [`Regions: ${regions.join(", ")}.`, ...runs].join("\n");
}
