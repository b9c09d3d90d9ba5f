import type { Role } from "../core.ts";
import type { NewDomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";
import type { TokenState } from "./fold.ts";

export interface ReadPeople {
  digest: string;
  roster: Record<string, Role[]>;
  /** Whose name, tokens or identities differ from what was in force in this process. */
  others: string[];
}

/** What a people file that is now in force changes against what the journal knows; nothing when it knows it. */
export function peopleChanged({ people, version }: AppState, read: ReadPeople): NewDomainEvent[] {
  if (people.digest === read.digest && people.problem === undefined) return [];
  const entries = (roster: Record<string, Role[]>) => Object.entries(roster).map(([id, roles]) => ({ id, roles }));
  const added = entries(read.roster).filter(({ id }) => own(people.roster, id) === undefined);
  const removed = entries(people.roster).filter(({ id }) => own(read.roster, id) === undefined);
  const changed = entries(read.roster).flatMap(({ id, roles }) => {
    const from = own(people.roster, id);
    return from && from.join() !== roles.join() ? [{ id, from, to: roles }] : [];
  });
  const known = new Set([...added, ...changed].map(({ id }) => id));
  const others = read.others.filter((id) => !known.has(id) && own(read.roster, id) !== undefined);
  return [
    {
      key: `people/${version}/${read.digest}`,
      kind: "people.changed",
      actor: "system:server",
      data: { digest: read.digest, added, removed, changed, others },
    },
  ];
}

/** A file that cannot be used is told of once for each way in which it cannot. */
export function peopleFileRefused(
  { people, version }: AppState,
  summary: string,
  problems: string[],
): NewDomainEvent[] {
  const { problem } = people;
  if (problem?.summary === summary && problem.problems.join("\n") === problems.join("\n")) return [];
  const data = { summary, problems };
  return [{ key: `people/${version}/refused`, kind: "people.file-refused", actor: "system:server", data }];
}

export type TokenStatus = "active" | "revoked" | "expired";

export function tokenStatus(token: Pick<TokenState, "revokedAt" | "expiresAt">, now: number): TokenStatus {
  if (token.revokedAt !== undefined) return "revoked";
  return now < Date.parse(token.expiresAt) ? "active" : "expired";
}

const TOLD_EVERY_MS = 3_600_000;

/** The use of a token that no longer holds, told at most once an hour so that a forgotten script fills nothing. */
export function tokenRefused({ people }: AppState, tokenId: string, now: number): NewDomainEvent[] {
  const token = own(people.tokens, tokenId);
  const reason = token && tokenStatus(token, now);
  if (!token || !reason || reason === "active") return [];
  if (token.refusedAt !== undefined && now - Date.parse(token.refusedAt) < TOLD_EVERY_MS) return [];
  const { principal } = token;
  const key = `token/${tokenId}/refused/${new Date(now).toISOString()}`;
  return [{ key, kind: "token.refused", actor: "system:door", data: { tokenId, principal, reason } }];
}
