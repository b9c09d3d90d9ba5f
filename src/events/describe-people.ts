import type { Role } from "../core.ts";
import { actorName, clause, count, instant, list, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

type PeopleKind =
  | "command.refused"
  | "door.refused"
  | "people.changed"
  | "people.file-refused"
  | "token.created"
  | "token.revoked"
  | "token.refused"
  | "link.offered"
  | "identity.linked"
  | "identity.unlinked";

export const describePeople: Describers<PeopleKind> = {
  "command.refused": ({ data, actor }) =>
    `The command “${data.command}” of ${actorName(actor)} was refused (${data.code}): ${sentence(data.summary)}`,
  "door.refused": ({ data, at }) => {
    const counts = Object.entries(data.counts).map(([code, times]) => `${times} × ${code}`);
    const total = Object.values(data.counts).reduce((sum, times) => sum + times, 0);
    const span = total === 1 ? "" : ` from ${instant(data.since, at)} to ${instant(data.until, at)}`;
    return `At the door ${count(total, "request")} of ${data.source} turned away${span}: ${counts.join(", ")}.`;
  },
  "people.changed": ({ data }) => {
    const { added, removed, changed, others } = data;
    const parts = [
      ...named(
        "added",
        added.map(({ id, roles }) => `${id} (${rolesText(roles)})`),
      ),
      ...named(
        "removed",
        removed.map(({ id, roles }) => `${id} (${rolesText(roles)})`),
      ),
      ...named(
        "other roles",
        changed.map(({ id, from, to }) => `${id} ${rolesText(from)} → ${rolesText(to)}`),
      ),
      ...named("other names, tokens or accounts", others),
    ];
    return `The people file is in force${parts.length > 0 ? `: ${parts.join("; ")}` : ", as before"}.`;
  },
  "people.file-refused": ({ data }) =>
    `A new people file was refused, and the one before stays in force: ${clause(data.summary)}${data.problems[0] ? ` (${clause(data.problems[0])})` : ""}.`,
  "token.created": ({ data, actor, at }) =>
    `${actorName(actor)} made the token ${data.tokenId} for ${data.principal}${data.name ? ` (${data.name})` : ""}, which holds until ${instant(data.expiresAt, at)}.`,
  "token.revoked": ({ data, actor }) => `${actorName(actor)} revoked the token ${data.tokenId} of ${data.principal}.`,
  "token.refused": ({ data }) =>
    `Somebody used the token ${data.tokenId} of ${data.principal}, which ${data.reason === "revoked" ? "was revoked" : "has expired"}, and was refused.`,
  "link.offered": ({ actor, data, at }) =>
    `${actorName(actor)} was given a link code, which holds until ${instant(data.expiresAt, at)}.`,
  "identity.linked": ({ data }) => `The ${data.system} account ${data.account} stands for ${data.principal} now.`,
  "identity.unlinked": ({ data, actor }) =>
    `${actorName(actor)} took away the link of the ${data.system} account ${data.account} to ${data.principal}.`,
};

/** A file may have thousands of people; a sentence has a few. */
const MOST_NAMED = 8;

function named(what: string, items: string[]): string[] {
  if (items.length === 0) return [];
  const over = items.length - MOST_NAMED;
  return [`${what} ${list(over > 0 ? [...items.slice(0, MOST_NAMED), `${over} more`] : items)}`];
}

function rolesText(roles: readonly Role[]): string {
  return list([...roles]);
}
