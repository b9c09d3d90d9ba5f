import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Clock } from "../ports.ts";
import { createRateLimiter } from "../rate-limit.ts";
import { identityKey, type PeopleState } from "./fold.ts";
import type { Identity } from "./identity.ts";
import { hasRole } from "./roles.ts";
import type { Roster } from "./roster.ts";
import { makeCode, makeCodeSecret, parseCode, sameHash, sha256 } from "./secret.ts";

export interface LinkOptions {
  journal: Pick<Journal, "load" | "commit">;
  records: Pick<JournalStore, "getRecord" | "setRecord" | "deleteRecord">;
  roster: Roster;
  clock: Pick<Clock, "now" | "monotonic">;
}

const LINK_CODE_MS = 600_000;
const BETWEEN_CODES_MS = 10_000;
const MOST_LINKS = 10;

/** How a person shows that an account elsewhere is theirs: a code from where they are signed in, redeemed over there. */
export function createLinks({ journal, records, roster, clock }: LinkOptions) {
  const now = () => clock.monotonic();
  // Sixty bits do not need it; it keeps a guesser from filling the journal, and shows sooner.
  const perAccount = createRateLimiter({ perSecond: 1 / 12, burst: 5, now });
  const altogether = createRateLimiter({ perSecond: 1, burst: 30, now });

  return {
    /** A code that works once, for ten minutes, and takes the place of the one before. */
    async offer(caller: Caller): Promise<{ code: string; expiresAt: string; linked: Identity[] }> {
      const { principal } = caller;
      if (!roster.current().byId(principal)) throw signInFirst();
      const at = clock.now();
      let codeId = "";
      const expiresAt = new Date(at + LINK_CODE_MS).toISOString();
      const { state } = await journal.commit(({ people }) => {
        const last = own(people.offers, principal);
        if (last && at - Date.parse(last.offeredAt) < BETWEEN_CODES_MS) throw tooSoon();
        codeId = `${people.counts.offers + 1}`;
        return [{ key: `link/${codeId}/offered`, kind: "link.offered", actor: principal, data: { codeId, expiresAt } }];
      });
      const code = makeCode(codeId, makeCodeSecret());
      await records.setRecord(`link-code/${principal}`, JSON.stringify({ codeId, sha256: sha256(code) }));
      return { code, expiresAt, linked: linkedTo(state.people, principal) };
    },

    /** The caller's account stands for the person from now on, on every instance. */
    async redeem(text: string, caller: Caller): Promise<Identity & { principal: string }> {
      const { identity } = caller;
      if (!identity) throw redeemElsewhere();
      const { system, account } = identity;
      const wait = Math.max(perAccount.take(identityKey(system, account)), altogether.take("all"));
      if (wait > 0) throw guessing(wait);
      const given = parseCode(text);
      const principal = given && (await ownerOf(given));
      if (!given || principal === undefined || !roster.current().byId(principal)) throw notValid();
      const at = clock.now();
      await journal.commit(({ people }) => {
        assertFree(people, identity);
        const offer = own(people.offers, principal);
        // Used or replaced since it was looked up: each code is good for one account.
        if (offer?.codeId !== given.codeId || at >= Date.parse(offer.expiresAt)) throw notValid();
        if (linkedTo(people, principal).length >= MOST_LINKS) throw tooManyLinks(principal);
        const data = { system, account, principal, codeId: given.codeId };
        return [{ key: `link/${given.codeId}/redeemed`, kind: "identity.linked", actor: principal, data }];
      });
      await records.deleteRecord(`link-code/${principal}`);
      return { system, account, principal };
    },

    async unlink({ system, account }: Identity, caller: Caller): Promise<Identity & { principal: string }> {
      if (roster.current().byIdentity(system, account)) throw inTheFile(system);
      let principal = "";
      await journal.commit(({ people, version }) => {
        const link = people.links[identityKey(system, account)];
        if (!link) throw notLinked();
        principal = link.principal;
        if (principal !== caller.principal && !hasRole(caller, "commander")) throw notYours();
        const data = { system, account, principal };
        return [{ key: `link/gone/${version}`, kind: "identity.unlinked", actor: caller.principal, data }];
      });
      return { system, account, principal };
    },
  };

  async function ownerOf({ codeId, code }: { codeId: string; code: string }): Promise<string | undefined> {
    const { people } = await journal.load();
    const [principal, offer] = Object.entries(people.offers).find(([, one]) => one.codeId === codeId) ?? [];
    if (principal === undefined || !offer || clock.now() >= Date.parse(offer.expiresAt)) return undefined;
    const record = await records.getRecord(`link-code/${principal}`);
    const kept = record === undefined ? undefined : (JSON.parse(record) as { codeId: string; sha256: string });
    return kept?.codeId === codeId && sameHash(kept.sha256, sha256(code)) ? principal : undefined;
  }

  function assertFree(people: PeopleState, { system, account }: Identity): void {
    const owner = roster.current().byIdentity(system, account)?.principal;
    const standing = owner ?? people.links[identityKey(system, account)]?.principal;
    if (standing !== undefined && roster.current().byId(standing)) throw alreadyLinked(system, standing);
  }
}

function linkedTo({ links }: PeopleState, principal: string): Identity[] {
  const own = Object.values(links).filter((link) => link.principal === principal);
  return own.map(({ system, account }) => ({ system, account }));
}

function signInFirst(): AppError {
  return new AppError({
    code: "not-allowed",
    summary: "A link code is given to somebody who is signed in, and this account stands for nobody yet.",
    hint: "Run `link` in the control room or with `npm run dr --`, as yourself; then send `/dr link <code>` from here.",
  });
}

function redeemElsewhere(): AppError {
  return new AppError({
    code: "bad-input",
    summary: "A code is redeemed from the account that is to stand for you, and you are signed in here as yourself.",
    hint: "Send `/dr link <code>` from the chat. Without a code, `link` gives you a new one.",
  });
}

/** One answer for whatever is wrong with a code, so that guessing teaches nothing. */
function notValid(): AppError {
  return new AppError({
    code: "not-allowed",
    summary: "This code is not valid: it is mistyped, used, older than ten minutes, or replaced by a newer one.",
    hint: "Get a new one with `link` where you are signed in.",
  });
}

function tooSoon(): AppError {
  const summary = "You were given a link code a moment ago.";
  const hint = `Use that one, or ask again in ${BETWEEN_CODES_MS / 1000} s.`;
  return new AppError({ code: "rate-limited", summary, hint, retryable: true });
}

function guessing(waitMs: number): AppError {
  const hint = `Try again in ${Math.ceil(waitMs / 1000)} s.`;
  return new AppError({ code: "rate-limited", summary: "Too many codes were tried.", hint, retryable: true });
}

function alreadyLinked(system: string, principal: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `This ${system} account stands for ${principal} already, and one account stands for one person.`,
    hint: `If that is wrong, ${principal} or a commander takes the link away with "unlink", or in the people file.`,
  });
}

function tooManyLinks(principal: string): AppError {
  const summary = `${principal} has ${MOST_LINKS} linked accounts.`;
  return new AppError({ code: "wrong-state", summary, hint: "Take one away first: unlink <system> <account>." });
}

function inTheFile(system: string): AppError {
  const summary = `This ${system} account is linked by the people file.`;
  return new AppError({ code: "wrong-state", summary, hint: "Remove it there; the server notices by itself." });
}

function notLinked(): AppError {
  const hint = "The events `identity.linked` name every link: journal --kind identity.linked.";
  return new AppError({ code: "not-found", summary: "This account is linked to nobody.", hint });
}

function notYours(): AppError {
  const summary = "This account stands for somebody else.";
  return new AppError({ code: "not-allowed", summary, hint: "That person or a commander may take the link away." });
}
