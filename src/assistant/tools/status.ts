import { z } from "zod";
import { serviceText, troubleText } from "../../cards/status.ts";
import { statusView } from "../../cards/status-view.ts";
import { Verdict } from "../../detection/events.ts";
import { capital, count, instant, percent } from "../../format.ts";
import type { Status } from "../lexicon.ts";
import { quoted } from "../outward.ts";
import { defineTool, type Row } from "./tool.ts";

const Region = z.object({
  region: z.string(),
  verdict: Verdict,
  since: z.string(),
  role: z.string(),
  traffic: z.string(),
  seen: z.string(),
  quarantine: z.object({ since: z.string(), run: z.string(), reason: z.string() }).optional(),
});
const Output = z.object({
  active: z.string(),
  home: z.string(),
  regions: z.array(Region),
  services: z.array(z.object({ service: z.string(), available: z.boolean().optional(), text: z.string() })),
  incident: z.object({ incident: z.string(), title: z.string(), severity: z.string(), started: z.string() }).optional(),
  runs: z.array(
    z.object({ run: z.string(), runbook: z.string(), source: z.string(), target: z.string(), phase: z.string() }),
  ),
  approvals: z.array(
    z.object({ approval: z.string(), run: z.string(), expires: z.string(), yes: z.number(), quorum: z.number() }),
  ),
  lock: z.object({ reason: z.string(), since: z.string() }).optional(),
});

const SAYS: Record<Verdict, Status[]> = {
  healthy: ["up"],
  degraded: ["degraded"],
  down: ["down", "failed"],
  unknown: ["unknown"],
};

/** Regions, services, the open incident, runs under way, questions to people, the freeze. */
export const status = defineTool({
  name: "status",
  description:
    "How things stand now: every region with its health, traffic and quarantine, every service, where it is served from, the open incident, runs that are not over, approvals that wait, the change freeze.",
  input: z.strictObject({}),
  output: Output,
  read(_input, { state, at, core: { plan } }) {
    const view = statusView({ state, store: { state: "available" }, instances: [] }, plan, at);
    return {
      active: view.active,
      home: view.home,
      regions: view.regions.map((one) => ({
        region: one.code,
        verdict: one.verdict,
        since: one.since === "" ? "the start" : instant(one.since, at),
        role: [one.active ? "active" : "standby", ...(one.home ? ["home"] : [])].join(", "),
        traffic: one.share === undefined ? "unknown" : percent(one.share),
        seen: troubleText(one, at),
        ...(one.quarantine && {
          quarantine: {
            since: instant(one.quarantine.since, at),
            run: one.quarantine.runId,
            reason: one.quarantine.reason,
          },
        }),
      })),
      services: view.services.map((one) => ({
        service: one.service,
        ...(one.available !== undefined && { available: one.available }),
        text: serviceText(one, at),
      })),
      ...(view.incident && {
        incident: {
          incident: view.incident.incidentId,
          title: view.incident.title,
          severity: view.incident.severity,
          started: instant(view.incident.startedAt, at),
        },
      }),
      runs: view.runs.map(({ runId, runbook, source, target, phase }) => ({
        run: runId,
        runbook,
        source,
        target,
        phase,
      })),
      approvals: view.pending.map(({ approvalId, runId, expiresAt, decisions, quorum }) => ({
        approval: approvalId,
        run: runId,
        expires: instant(expiresAt, at),
        yes: decisions.filter(({ decision }) => decision === "approve").length,
        quorum,
      })),
      ...(view.lock && { lock: { reason: view.lock.reason, since: instant(view.lock.since, at) } }),
    };
  },
  tell({ active, home, regions, services, incident, runs, approvals, lock }) {
    const rows: Row[] = [
      { kind: "run.now", sentence: `Served from ${active}; home is ${home}.`, values: { active, home } },
      ...regions.flatMap(regionRows),
      ...services.map(({ service, available, text }) => ({
        kind: "availability.now",
        sentence: `Service ${service}: ${text}.`,
        values: { service, text },
        says: available === undefined ? [] : available ? SAYS.healthy : SAYS.down,
      })),
      incident
        ? {
            kind: "incident.now",
            sentence: `Incident ${incident.incident} (${incident.severity}) is open since ${incident.started}.`,
            values: { ...incident, title: quoted(incident.title) },
            says: ["opened"] as Status[],
          }
        : { kind: "incident.now", sentence: "No incident is open.", values: { incident: "none" } },
      ...runs.map((run) => ({
        kind: "run.now",
        sentence: `${capital(run.runbook)} ${run.run} ${run.source} → ${run.target}: ${run.phase}.`,
        values: run,
      })),
      ...approvals.map(({ yes, quorum, ...rest }) => ({
        kind: "approval.now",
        sentence: `${rest.approval} for ${rest.run} has ${yes} of ${quorum} approvals and expires at ${rest.expires}.`,
        values: { ...rest, yes: String(yes), quorum: String(quorum) },
        says: ["asked"] as Status[],
      })),
      ...(lock
        ? [
            {
              kind: "lock.now",
              sentence: `Changes are locked since ${lock.since}.`,
              values: { since: lock.since, reason: quoted(lock.reason) },
            },
          ]
        : []),
    ];
    const unwell = regions
      .filter(({ verdict }) => verdict !== "healthy")
      .map(({ region, verdict }) => `${region} ${verdict}`);
    return {
      summary: `${count(regions.length, "region")}, served from ${active}; not well: ${unwell.join(", ") || "none"}`,
      rows,
    };
  },
});

function regionRows({ region, verdict, since, role, traffic, seen, quarantine }: z.infer<typeof Region>): Row[] {
  return [
    {
      kind: "verdict.now",
      sentence: `Region ${region} (${role}) is ${verdict} since ${since}${seen === "" ? "" : `: ${seen}`}.`,
      values: { region, verdict, since, role, ...(seen !== "" && { seen: quoted(seen) }) },
      says: SAYS[verdict],
    },
    { kind: "traffic.now", sentence: `Region ${region} takes ${traffic} of the traffic.`, values: { region, traffic } },
    ...(quarantine
      ? [
          {
            kind: "quarantine.now",
            sentence: `Region ${region} is quarantined since ${quarantine.since} by ${quarantine.run}.`,
            values: { region, since: quarantine.since, run: quarantine.run, reason: quoted(quarantine.reason) },
            says: ["quarantined"] as Status[],
          },
        ]
      : []),
  ];
}
