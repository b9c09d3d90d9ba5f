import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Clock } from "../ports.ts";
import { type TokenStatus, tokenRefused, tokenStatus } from "./decide.ts";
import type { TokenState } from "./fold.ts";
import { hasRole } from "./roles.ts";
import type { Roster } from "./roster.ts";
import { makeSecret, makeToken, parseToken, sameHash, sha256 } from "./secret.ts";

export interface TokenOptions {
  journal: Pick<Journal, "load" | "commit">;
  records: Pick<JournalStore, "getRecord" | "setRecord">;
  roster: Roster;
  clock: Pick<Clock, "now">;
}

export type TokenView = TokenState & { status: TokenStatus };

const DEFAULT_TOKEN_MS = 90 * 86_400_000;
const MOST_ACTIVE = 20;
const MOST_LISTED = 200;

/**
 * Tokens that people make for themselves. That one exists, and until when, are events, which makes a revocation hold
 * on every instance at its next request; the hash of the secret is a record, for it must not be in the journal.
 */
export function createTokens({ journal, records, roster, clock }: TokenOptions) {
  const view = (token: TokenState): TokenView => ({ ...token, status: tokenStatus(token, clock.now()) });

  return {
    /** The only time that the secret is seen. */
    async create(
      request: { for?: string | undefined; name?: string | undefined; lifetimeMs?: number | undefined },
      caller: Caller,
    ): Promise<TokenView & { token: string }> {
      const principal = request.for ?? caller.principal;
      ownOrCommander(caller, principal, "make a token for");
      if (!roster.current().byId(principal)) throw unknownPrincipal(principal);
      const now = clock.now();
      const expiresAt = new Date(now + (request.lifetimeMs ?? DEFAULT_TOKEN_MS)).toISOString();
      let number = 0;
      const { state } = await journal.commit(({ people }) => {
        const active = Object.values(people.tokens).filter((one) => one.principal === principal && isActive(one, now));
        if (active.length >= MOST_ACTIVE) throw tooMany(principal);
        number = people.counts.tokens + 1;
        const data = { tokenId: `tk-${number}`, principal, expiresAt, ...(request.name && { name: request.name }) };
        return [{ key: `token/tk-${number}/created`, kind: "token.created", actor: caller.principal, data }];
      });
      const tokenId = `tk-${number}`;
      const token = makeToken(number, makeSecret());
      await records.setRecord(`token/${tokenId}`, sha256(token));
      return { ...view(state.people.tokens[tokenId] as TokenState), token };
    },

    /** One's own; a commander sees everybody's. Newest first. */
    async list(request: { for?: string | undefined }, caller: Caller): Promise<TokenView[]> {
      const whose = request.for ?? (hasRole(caller, "commander") ? undefined : caller.principal);
      if (whose !== undefined) ownOrCommander(caller, whose, "see the tokens of");
      const { people } = await journal.load();
      const all = Object.values(people.tokens).filter(({ principal }) => whose === undefined || principal === whose);
      return all.toReversed().slice(0, MOST_LISTED).map(view);
    },

    /** A repeat changes nothing. */
    async revoke(tokenId: string, caller: Caller): Promise<TokenView> {
      const { state } = await journal.commit(({ people }) => {
        const token = own(people.tokens, tokenId);
        if (!token) throw unknownToken();
        const { principal } = token;
        ownOrCommander(caller, principal, "revoke a token of");
        if (token.revokedAt !== undefined) return [];
        const data = { tokenId, principal };
        return [{ key: `token/${tokenId}/revoked`, kind: "token.revoked", actor: caller.principal, data }];
      });
      return view(state.people.tokens[tokenId] as TokenState);
    },

    /** Whose it is; undefined for what is none of ours. Throws AppError when it was one and no longer holds. */
    async authenticate(text: string): Promise<TokenState | undefined> {
      const parsed = parseToken(text);
      if (!parsed) return undefined;
      const token = (await journal.load()).people.tokens[parsed.tokenId];
      const hash = token && (await records.getRecord(`token/${parsed.tokenId}`));
      if (!token || hash === undefined || !sameHash(hash, sha256(text))) return undefined;
      const now = clock.now();
      const status = tokenStatus(token, now);
      if (status === "active") return token;
      await journal.commit((fresh) => tokenRefused(fresh, parsed.tokenId, now));
      throw noLonger(token, status);
    },

    /** Does it still hold? For what was begun with it and goes on. */
    async holds(tokenId: string, principal: string): Promise<boolean> {
      const token = (await journal.load()).people.tokens[tokenId];
      return token !== undefined && token.principal === principal && isActive(token, clock.now());
    },
  };
}

function isActive(token: TokenState, now: number): boolean {
  return tokenStatus(token, now) === "active";
}

function ownOrCommander(caller: Caller, principal: string, what: string): void {
  if (caller.principal === principal || hasRole(caller, "commander")) return;
  throw new AppError({
    code: "not-allowed",
    summary: `Only a commander may ${what} somebody else.`,
    hint: `Leave out the other person to act for yourself (${caller.principal}), or ask a commander.`,
  });
}

function unknownPrincipal(principal: string): AppError {
  return new AppError({
    code: "unknown-principal",
    summary: `Nobody in the people file is called "${principal.slice(0, 60)}".`,
    hint: "A token is made for somebody who is in the file; docs/people.md says how to add people.",
  });
}

function tooMany(principal: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${principal} has ${MOST_ACTIVE} tokens that hold, and more would be lost sight of.`,
    hint: '"token list" shows them; revoke one that is not used: token revoke <id>.',
  });
}

/** Says nothing of what was given: people paste tokens where ids belong. */
function unknownToken(): AppError {
  return new AppError({
    code: "not-found",
    summary: "There is no token with this id.",
    hint: '"token list" shows the ids, as in tk-1. Tokens of the people file are removed there.',
  });
}

function noLonger({ tokenId, expiresAt, revokedAt }: TokenState, status: TokenStatus): AppError {
  const when = status === "revoked" ? revokedAt : expiresAt;
  return new AppError({
    code: "not-authenticated",
    summary: `This token (${tokenId}) ${status === "revoked" ? "was revoked" : "expired"} at ${when}.`,
    hint: "Make a new one with `token create` where you are still signed in, or ask a commander for one.",
  });
}
