import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SCOPES } from "../../../lab/slack/scopes.ts";
import { readSources, root } from "../../architecture/sources.ts";

const manifest = JSON.parse(readFileSync(`${root}/manifest/slack/manifest.json`, "utf8")) as {
  features: {
    shortcuts: { callback_id: string }[];
    slash_commands: { command: string }[];
    app_home: { home_tab_enabled: boolean };
  };
  oauth_config: { scopes: { bot: string[] } };
  settings: { event_subscriptions: { bot_events: string[] } };
};
const code = readSources("adapters")
  .filter(({ file }) => file.startsWith("adapters/chat/slack/"))
  .map(({ text }) => text)
  .join("\n");

/** What each event needs; `message` comes as one kind of event for each kind of channel. */
const EVENTS: Record<string, { subscriptions: string[]; scopes: string[] }> = {
  app_home_opened: { subscriptions: ["app_home_opened"], scopes: [] },
  reaction_added: { subscriptions: ["reaction_added"], scopes: ["reactions:read"] },
  reaction_removed: { subscriptions: ["reaction_removed"], scopes: ["reactions:read"] },
  message: {
    subscriptions: ["message.channels", "message.groups"],
    scopes: ["channels:history", "groups:history"],
  },
};

const unique = (names: string[]) => [...new Set(names)].toSorted();
const found = (pattern: RegExp) => unique([...code.matchAll(pattern)].map(([, name = ""]) => name));
const calls = found(/client\s*\.\s*((?:auth|chat|conversations|files|pins|users|views)\s*\.\s*\w+)\(/g);
const events = found(/app\.event\("(\w+)"/g);

describe("manifest/slack/manifest.json", () => {
  it("is compared with code that there is", () => {
    expect(calls.length).toBeGreaterThan(8);
    expect(calls.filter((name) => !(name in SCOPES))).toEqual([]);
    expect(events.filter((name) => !(name in EVENTS))).toEqual([]);
  });

  it("asks for the scopes that the code needs, and for no others", () => {
    const needed = [
      "commands",
      ...calls.flatMap((name) => SCOPES[name] ?? []),
      ...events.flatMap((name) => EVENTS[name]?.scopes ?? []),
    ];
    expect(manifest.oauth_config.scopes.bot).toEqual(unique(needed));
  });

  it("subscribes to the events that the code listens to, and to no others", () => {
    const needed = unique(events.flatMap((name) => EVENTS[name]?.subscriptions ?? []));
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(needed);
  });

  it("has the command and the shortcut by the names that the code knows", () => {
    const [command] = found(/export const COMMAND = "([^"]+)"/g);
    const [shortcut] = found(/export const SHORTCUT = "([^"]+)"/g);
    expect(manifest.features.slash_commands.map((one) => one.command)).toEqual([command]);
    expect(manifest.features.shortcuts.map((one) => one.callback_id)).toEqual([shortcut]);
    expect(manifest.features.app_home.home_tab_enabled).toBe(events.includes("app_home_opened"));
  });
});
