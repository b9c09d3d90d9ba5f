import type { ErrorReport } from "../errors.ts";
import type { DomainEvent, NewDomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";
import type { Proposal } from "./decide.ts";

interface Asked {
  runbook: string;
  source: string;
  target: string;
}

export function subjectKey({ runbook, source, target }: Asked): string {
  return `${runbook}/${source}/${target}`;
}

/** Another run came first, or the reason is gone: nothing that people could do about, and they see it. */
const PASSING: ReadonlySet<string> = new Set(["run-in-progress", "no-longer-asked"]);

/**
 * That a run which detection asks for is refused: it is asked for again all the time, and each reason is said once,
 * until the run is proposed. Pure.
 */
export function refusalEvents(state: AppState, proposal: Proposal, report: ErrorReport): NewDomainEvent[] {
  const asked = { runbook: proposal.runbook, source: state.active, target: proposal.target };
  const { code, summary, hint } = report;
  if (PASSING.has(code) || state.refusedProposals[subjectKey(asked)]?.includes(code)) return [];
  const { openIncidentId: incidentId, version } = state;
  const data = { ...asked, ...(incidentId !== undefined && { incidentId }), code, summary, hint };
  const key = `proposal/${subjectKey(asked)}/refused/${version}`;
  return [{ key, kind: "proposal.refused", actor: "system:detector", data }];
}

export function foldRefused(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "proposal.refused": {
      const key = subjectKey(event.data);
      const codes = [...(state.refusedProposals[key] ?? []), event.data.code];
      return { ...state, refusedProposals: { ...state.refusedProposals, [key]: codes } };
    }
    case "run.proposed": {
      const { [subjectKey(event.data)]: _, ...others } = state.refusedProposals;
      return { ...state, refusedProposals: others };
    }
    // Another fault is another situation.
    case "incident.resolved":
      return { ...state, refusedProposals: {} };
    default:
      return state;
  }
}
