import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import { count } from "../format.ts";
import type { JournalStore } from "../journal/store.ts";
import { roles } from "../people/file.ts";
import { loadPeople } from "../people/people.ts";
import type { Check, Finding } from "./check.ts";

export type OpenStore = () => Promise<Pick<JournalStore, "head" | "close">>;

/** Muster's own footing: its store, its people, and a server that runs already. */
export function baseChecks(config: Config, openStore: OpenStore): Check[] {
  return [
    { area: "store", name: config.storeUrl ? "PostgreSQL" : "SQLite", run: () => storeFinding(config, openStore) },
    { area: "people", name: config.peoplePath ?? "no file", run: () => peopleFinding(config) },
    { area: "server", name: config.url, run: (signal) => serverFinding(config, signal) },
  ];
}

async function storeFinding(config: Config, openStore: OpenStore): Promise<Finding> {
  const store = await openStore().catch((error) => {
    if (error instanceof AppError && error.code === "store-locked") return undefined;
    throw error;
  });
  if (!store) return { state: "ok", said: "A running Muster holds it." };
  try {
    const { seq } = await store.head();
    if (config.storeUrl) return { state: "ok", said: `Its journal has ${count(seq, "event")}.` };
    return {
      state: "warning",
      said: `Its journal has ${count(seq, "event")}, and does not survive this machine.`,
      fix: "For production set MUSTER_STORE to a PostgreSQL outside the protected regions (docs/deploy.md).",
    };
  } finally {
    await store.close();
  }
}

async function peopleFinding({ peoplePath, openSignIn }: Config): Promise<Finding> {
  if (peoplePath === undefined) {
    const said = "Nobody is known, so nobody can ask for anything.";
    return { state: openSignIn ? "off" : "failed", said, fix: "Set MUSTER_PEOPLE to a people file (docs/people.md)." };
  }
  const people = await loadPeople(peoplePath);
  const held = roles.map((role) => `${people.filter((one) => one.roles.includes(role)).length} ${role}`);
  const able = people.some((one) => one.roles.includes("commander"));
  const said = `${count(people.length, "person", "people")}: ${held.join(", ")}.`;
  return able ? { state: "ok", said } : { state: "warning", said, fix: "Nobody is a commander: name one." };
}

async function serverFinding({ url }: Config, signal: AbortSignal): Promise<Finding> {
  const response = await fetch(new URL("/readyz", url), { signal }).catch(() => undefined);
  if (!response)
    return { state: "off", said: "No server answers there.", fix: "Start one with `npm start`, or set MUSTER_URL." };
  if (response.ok) return { state: "ok", said: "A server runs there and is ready." };
  return {
    state: "failed",
    said: `The server there is not ready (HTTP ${response.status}).`,
    fix: "Its log says why.",
  };
}
