import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { identityKey } from "./fold.ts";
import type { Recognised } from "./people.ts";
import type { Roster } from "./roster.ts";
import type { createTokens } from "./tokens.ts";

/** Who there is: the people file of this process, and what people added to it by events. */
export interface PeopleDirectory {
  /**
   * Whose token this is; undefined for one that nobody knows. Throws AppError `not-authenticated` for one that no
   * longer holds, and what the store throws when it cannot be asked.
   */
  authenticate(token: string): Promise<Recognised | undefined>;
  /** Who was recognised before, if that still holds: for sessions, and for streams that stay open. */
  again(principal: string, credential: string | undefined): Promise<Caller | undefined>;
  byId(id: string): Caller | undefined;
  /** The person behind an account of a chat or a pager; undefined where it stands for nobody. */
  byIdentity(system: string, account: string): Promise<Caller | undefined>;
  list(): Caller[];
}

export interface DirectoryOptions {
  roster: Roster;
  tokens: Pick<ReturnType<typeof createTokens>, "authenticate" | "holds">;
  journal: Pick<Journal, "load">;
}

export function createPeopleDirectory({ roster, tokens, journal }: DirectoryOptions): PeopleDirectory {
  const byId = (id: string) => roster.current().byId(id);
  return {
    async authenticate(text) {
      // The file's tokens need no store, so that people can ask what is wrong with it.
      const listed = roster.current().authenticate(text);
      if (listed) return listed;
      const token = await tokens.authenticate(text);
      const caller = token && byId(token.principal);
      if (token && !caller) throw removed(token.principal);
      return token && caller && { caller, credential: `token:${token.tokenId}` };
    },
    async again(principal, credential) {
      const caller = byId(principal);
      if (!caller || credential === undefined) return caller;
      const [, tokenId] = /^token:(.+)$/.exec(credential) ?? [];
      const holds =
        tokenId === undefined ? roster.current().holds(credential, principal) : await tokens.holds(tokenId, principal);
      return holds ? caller : undefined;
    },
    byId,
    async byIdentity(system, account) {
      const identity = { system, account };
      // What the file says comes first: it is what the administrator looks at.
      const listed = roster.current().byIdentity(system, account);
      if (listed) return { ...listed, identity };
      const link = (await journal.load()).people.links[identityKey(system, account)];
      const caller = link && byId(link.principal);
      return caller && { ...caller, identity };
    },
    list: () => roster.current().list(),
  };
}

function removed(principal: string): AppError {
  return new AppError({
    code: "not-authenticated",
    summary: `This token is ${principal}'s, who is not in the people file any more.`,
    hint: "Whoever keeps the people file can say more.",
  });
}
