import type { Role } from "../core.ts";
import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";

/** Who there is as far as the journal knows: never a secret, nor the hash of one. */
export interface PeopleState {
  /** Roles by principal, as the people file in force lists them. */
  roster: Record<string, Role[]>;
  /** Digest of the people file in force. */
  digest?: string;
  /** Why the latest people file is not in force. */
  problem?: { at: string; summary: string; problems: string[] };
  tokens: Record<string, TokenState>;
  /** Key: `identityKey`. Links that people made; those of the people file are not among them. */
  links: Record<string, { system: string; account: string; principal: string; at: string }>;
  /** One-time codes that were not redeemed, by principal: a new one takes the place of the one before. */
  offers: Record<string, { codeId: string; offeredAt: string; expiresAt: string }>;
  counts: { tokens: number; offers: number };
}

export interface TokenState {
  tokenId: string;
  principal: string;
  name?: string;
  createdAt: string;
  createdBy: string;
  expiresAt: string;
  revokedAt?: string;
  revokedBy?: string;
  refusedAt?: string;
}

export const nobody: PeopleState = {
  roster: {},
  tokens: {},
  links: {},
  offers: {},
  counts: { tokens: 0, offers: 0 },
};

/** Tokens that no longer hold are remembered so that their use is noticed, up to this many in all. */
const MOST_TOKENS = 2_000;

export function identityKey(system: string, account: string): string {
  return `${system}/${account}`;
}

export function foldPeople(people: PeopleState, event: DomainEvent): PeopleState {
  switch (event.kind) {
    case "people.changed":
      return adopt(people, event.data);
    case "people.file-refused":
      return { ...people, problem: { at: event.at, ...event.data } };
    case "token.created": {
      const token: TokenState = { ...event.data, createdAt: event.at, createdBy: event.actor };
      const tokens = bound({ ...people.tokens, [token.tokenId]: token }, event.at);
      return { ...people, tokens, counts: { ...people.counts, tokens: people.counts.tokens + 1 } };
    }
    case "token.revoked":
      return withToken(people, event.data.tokenId, { revokedAt: event.at, revokedBy: event.actor });
    case "token.refused":
      return withToken(people, event.data.tokenId, { refusedAt: event.at });
    case "link.offered": {
      const offer = { ...event.data, offeredAt: event.at };
      const counts = { ...people.counts, offers: people.counts.offers + 1 };
      return { ...people, offers: { ...people.offers, [event.actor]: offer }, counts };
    }
    case "identity.linked": {
      const { system, account, principal } = event.data;
      const { [principal]: _used, ...offers } = people.offers;
      const link = { system, account, principal, at: event.at };
      return { ...people, offers, links: { ...people.links, [identityKey(system, account)]: link } };
    }
    case "identity.unlinked": {
      const { [identityKey(event.data.system, event.data.account)]: _gone, ...links } = people.links;
      return { ...people, links };
    }
    default:
      return people;
  }
}

/** A problem ends with the next file that is in force. */
function adopt(
  { problem: _over, ...people }: PeopleState,
  { digest, added, removed, changed }: Extract<DomainEvent, { kind: "people.changed" }>["data"],
): PeopleState {
  const roster = { ...people.roster };
  for (const { id } of removed) delete roster[id];
  for (const { id, roles } of added) roster[id] = roles;
  for (const { id, to } of changed) roster[id] = to;
  return { ...people, roster, digest };
}

function withToken(people: PeopleState, id: string, change: Partial<TokenState>): PeopleState {
  const old = own(people.tokens, id);
  return old ? { ...people, tokens: { ...people.tokens, [id]: { ...old, ...change } } } : people;
}

/** Those that hold are never forgotten: each person has a bounded number of them. */
function bound(tokens: Record<string, TokenState>, at: string): Record<string, TokenState> {
  const all = Object.values(tokens);
  const over = all.length - MOST_TOKENS;
  if (over <= 0) return tokens;
  const dead = all.filter(({ revokedAt, expiresAt }) => revokedAt !== undefined || expiresAt <= at);
  const forgotten = new Set(dead.slice(0, over).map(({ tokenId }) => tokenId));
  return Object.fromEntries(Object.entries(tokens).filter(([id]) => !forgotten.has(id)));
}
