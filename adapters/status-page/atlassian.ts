import { z } from "zod";
import type { Stage } from "../../src/comms/events.ts";
import { AppError } from "../../src/errors.ts";
import { plainInstant } from "../../src/format.ts";
import type { PublicUpdate, StatusPagePort } from "../../src/status-page/port.ts";
import type { PublicPage, ShownState } from "../../src/status-page/views.ts";
import { createStatuspageClient, type StatuspageOptions } from "./atlassian-client.ts";
import { Component, listComponents } from "./atlassian-components.ts";

/** https://developer.statuspage.io/#tag/incidents: what Muster reads of an incident; the rest is not looked at. */
const Incident = z.object({ id: z.string(), metadata: z.unknown().optional(), impact: z.string().optional() });
/** What Muster keeps with an incident where only programs see it: the markers of its updates. */
const Metadata = z.object({ muster: z.object({ updates: z.array(z.string()) }) });

/** Statuspage has no word for "answered, and slower": what is wrong is identified, and the components say the rest. */
const STATUS: Record<Stage, string> = {
  investigating: "investigating",
  identified: "identified",
  degraded: "identified",
  monitoring: "monitoring",
  resolved: "resolved",
};
const IMPACT: Record<ShownState, string> = {
  operational: "none",
  unknown: "none",
  degraded_performance: "minor",
  partial_outage: "major",
  major_outage: "critical",
};
/** From the least to the most. */
const IMPACTS = ["none", "minor", "major", "critical"];
/** Statuspage shows when it was posted, not when it was decided on. */
const LATE_MS = 120_000;
const LONGEST_NAME = 200;
const LONGEST_BODY = 20_000;

/** A page of Atlassian Statuspage. Its components are found by their names, and must be there. */
export function createAtlassianStatuspage(options: StatuspageOptions): StatusPagePort {
  const client = createStatuspageClient(options);

  const components = (signal: AbortSignal) => listComponents(client, signal);

  /** By component id, for those of the page that are there and of which something was seen. */
  async function states(page: PublicPage, signal: AbortSignal): Promise<Record<string, string>> {
    const known = await components(signal);
    await client.pause(signal);
    return Object.fromEntries(
      page.components.flatMap(({ name, state }) => {
        const component = known.get(name);
        return component && state !== "unknown" ? [[component.id, state]] : [];
      }),
    );
  }

  async function incidentOf(incident: string, signal: AbortSignal): Promise<z.infer<typeof Incident>> {
    const found = await client.call("GET", `incidents/${encodeURIComponent(incident)}`, Incident, { signal });
    await client.pause(signal);
    return found;
  }

  return {
    id: "statuspage",
    name: "Statuspage",
    // One request a second, for a whole account key: https://developer.statuspage.io/#section/Rate-Limiting
    paceMs: client.paceMs,
    async post(update, { marker, incident, page, signal }) {
      const before = incident === undefined ? undefined : await incidentOf(incident, signal);
      const body = {
        name: update.title.slice(0, LONGEST_NAME),
        status: STATUS[update.stage],
        body: bodyOf(update, page.at),
        // In one request with the update, so that neither stands without the other.
        metadata: { muster: { updates: [...updatesIn(before?.metadata), marker] } },
        components: await states(page, signal),
        ...(update.stage !== "resolved" && { impact_override: worse(IMPACT[page.state], before?.impact) }),
      };
      const [method, path] =
        incident === undefined
          ? (["POST", "incidents"] as const)
          : (["PATCH", `incidents/${encodeURIComponent(incident)}`] as const);
      return (await client.call(method, path, Incident, { signal, body: { incident: body } })).id;
    },

    async find(marker, { incident, signal }) {
      if (incident !== undefined)
        return updatesIn((await incidentOf(incident, signal)).metadata).includes(marker) ? incident : undefined;
      // An incident that was begun without an answer is among the latest.
      const latest = await client.call("GET", "incidents?limit=50", z.array(Incident), { signal });
      return latest.find(({ metadata }) => updatesIn(metadata).includes(marker))?.id;
    },

    async read(updates, signal) {
      const there = await components(signal);
      await client.pause(signal);
      const latest = await client.call("GET", "incidents?limit=100", z.array(Incident), { signal });
      const posted = new Set(latest.flatMap(({ metadata }) => updatesIn(metadata)));
      return {
        state: "read",
        components: Object.fromEntries([...there.values()].map(({ name, status }) => [name, status])),
        missing: updates.map(({ marker }) => marker).filter((marker) => !posted.has(marker)),
      };
    },

    async show(page, signal) {
      const there = await components(signal);
      const missing = page.components.filter(({ name }) => !there.has(name)).map(({ name }) => name);
      for (const { name, state } of page.components) {
        const component = there.get(name);
        if (!component || state === "unknown" || component.status === state) continue;
        await client.pause(signal);
        const body = { component: { status: state } };
        await client.call("PATCH", `components/${encodeURIComponent(component.id)}`, Component, { signal, body });
      }
      if (missing.length === 0) return;
      throw new AppError({
        code: "vendor-rejected",
        summary: `Statuspage has no component ${missing.map((name) => `"${name}"`).join(", ")}.`,
        hint: "Add it there under that name, or change communication.components in the plan.",
      });
    },
  };
}

/** What an incident has been it remains, in the list of past ones too: a total outage is not minor for having ended. */
function worse(now: string, before = "none"): string {
  return IMPACTS.indexOf(before) > IMPACTS.indexOf(now) ? before : now;
}

function bodyOf({ text, at }: PublicUpdate, now: string): string {
  const late = Date.parse(now) - Date.parse(at) >= LATE_MS;
  const when = late ? ` (As of ${plainInstant(at).slice(0, 16)} UTC.)` : "";
  return `${text.slice(0, LONGEST_BODY)}${when}`;
}

function updatesIn(metadata: unknown): string[] {
  const known = Metadata.safeParse(metadata);
  return known.success ? known.data.muster.updates : [];
}
