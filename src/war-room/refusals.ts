import { AppError } from "../errors.ts";
import { didYouMean } from "../plans/did-you-mean.ts";
import type { IncidentRole } from "./events.ts";
import type { Handover, RoleHolder } from "./fold.ts";
import { ROLE_NAMES } from "./views.ts";

export function noIncident(): AppError {
  return refused("No incident is open.", 'Roles and check-ins belong to an incident: see "status".');
}

/** Also when the role has gone to somebody else since the caller looked. */
export function takenBy(role: IncidentRole, { principal }: RoleHolder): AppError {
  const summary = `${principal} is ${ROLE_NAMES[role]}.`;
  return refused(summary, `To take it over from ${principal}: role take ${role} --from ${principal}`);
}

export function useHandover(person: string): AppError {
  const summary = "Whoever leads an incident hands over to a person who accepts.";
  return refused(summary, `handover ${person}; or "role release incident-commander", and nobody leads.`);
}

export function notCommander(holder: RoleHolder | undefined): AppError {
  if (!holder) return refused("Nobody is incident commander.", "Take the role: role take incident-commander");
  const summary = `${holder.principal} is incident commander, and hands over.`;
  return refused(summary, `To take it over: role take incident-commander --from ${holder.principal}`);
}

export function toOneself(): AppError {
  return refused("You are incident commander already.", "Name the person who shall take over.");
}

export function noOffer(open: Handover | undefined): AppError {
  if (open) {
    const summary = `${open.from} asked ${open.to} to take over as incident commander.`;
    return refused(
      summary,
      `Only ${open.to} can accept; to take it over: role take incident-commander --from ${open.from}`,
    );
  }
  return refused("No handover waits for an answer.", "The incident commander names who takes over: handover <person>");
}

export function unknownPerson(person: string, known: string[]): AppError {
  const hint = didYouMean(person, known, "There are");
  return new AppError({ code: "unknown-principal", summary: `Nobody is called "${person}".`, hint });
}

export function badAnswer(checkInId: string): AppError {
  const summary = `${checkInId} has as many answers as are kept.`;
  return new AppError({ code: "too-large", summary, hint: 'Write down what matters with a note: note "…".' });
}

function refused(summary: string, hint: string): AppError {
  return new AppError({ code: "wrong-state", summary, hint });
}
