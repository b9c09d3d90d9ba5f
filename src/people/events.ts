import { z } from "zod";

const RoleName = z.enum(["observer", "operator", "approver", "commander"]);
const Roles = z.array(RoleName);

export const peopleEvents = {
  /** A command that was refused: who asked for what, and why not. */
  "command.refused": z.object({ command: z.string(), code: z.string(), summary: z.string() }),
  /**
   * What was turned away before anybody was known: counted for each source, so that a flood of wrong tokens does not
   * fill the journal. `counts` is by error code, for what came after `since` until `until`.
   */
  "door.refused": z.object({
    source: z.string(),
    counts: z.record(z.string(), z.number().int()),
    since: z.iso.datetime(),
    until: z.iso.datetime(),
  }),

  /** The people file as it is now in force, told as the difference from the one before. Ids and roles only. */
  "people.changed": z.object({
    digest: z.string(),
    added: z.array(z.object({ id: z.string(), roles: Roles })),
    removed: z.array(z.object({ id: z.string(), roles: Roles })),
    changed: z.array(z.object({ id: z.string(), from: Roles, to: Roles })),
    /** People whose name, tokens or identities changed. */
    others: z.array(z.string()),
  }),
  /** A new people file that cannot be used; the one before stays in force. */
  "people.file-refused": z.object({ summary: z.string(), problems: z.array(z.string()) }),

  "token.created": z.object({
    tokenId: z.string(),
    principal: z.string(),
    name: z.string().exactOptional(),
    expiresAt: z.iso.datetime(),
  }),
  "token.revoked": z.object({ tokenId: z.string(), principal: z.string() }),
  /** Somebody has the right secret of a token that no longer holds; told at most once an hour for each token. */
  "token.refused": z.object({ tokenId: z.string(), principal: z.string(), reason: z.enum(["revoked", "expired"]) }),

  /** A one-time code was given to the actor, who may redeem it from an account elsewhere. */
  "link.offered": z.object({ codeId: z.string(), expiresAt: z.iso.datetime() }),
  "identity.linked": z.object({
    system: z.string(),
    account: z.string(),
    principal: z.string(),
    codeId: z.string(),
  }),
  "identity.unlinked": z.object({ system: z.string(), account: z.string(), principal: z.string() }),
};
