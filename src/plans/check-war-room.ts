import type { Draft } from "./draft.ts";
import { substitute } from "./expressions.ts";
import type { Finding } from "./problem.ts";

const path = ["warRoom", "url"];

/** A link that people are sent to at night: it must lead somewhere, and nobody but the plan says where. */
export function warRoomFindings({ warRoom }: Draft): Finding[] {
  const written = warRoom?.url;
  if (written === undefined) return [];
  const findings: Finding[] = [];
  const url = substitute(written, { now: incidentScope("inc-1") }, findings, path);
  if (findings.length > 0) return findings;
  const parsed = URL.parse(String(url));
  const hint = "Write the whole link: https://meet.example.com/genai-api-${{ incident.id }}.";
  if (!parsed) return [{ path, message: "url is not a link", hint }];
  if (parsed.protocol !== "https:") return [{ path, message: "url must begin with https://", hint }];
  if (parsed.username !== "" || parsed.password !== "") {
    return [{ path, message: "url must hold no name and no password", hint }];
  }
  return [];
}

/** What may be looked up in the link: nothing that people type. */
export function incidentScope(incidentId: string): Record<string, unknown> {
  return { incident: { id: incidentId } };
}
