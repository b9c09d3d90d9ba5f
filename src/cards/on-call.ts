import { count, instant, list } from "../format.ts";
import type { OnCallView } from "../pager/on-call.ts";
import type { Card } from "./card.ts";

export function onCallCard({ levels, at }: OnCallView): Card {
  const [first] = levels;
  const policies = new Set(levels.map(({ policy }) => policy));
  const title = first
    ? `On call now: ${list(first.people.map(({ name }) => name))}`
    : "Nobody is on call, as far as the pager says";
  const rows = levels.map(({ policy, level, people }) => [
    policy,
    String(level),
    people.map(({ name, schedule }) => (schedule === undefined ? name : `${name} (${schedule})`)).join(", "),
    people.map(({ until }) => (until === undefined ? "always" : instant(until, at))).join(", "),
  ]);
  return {
    title,
    status: first ? "info" : "warning",
    ...(rows.length > 0 && { table: { columns: ["Policy", "Level", "Who", "Until"], rows } }),
    context: [count(policies.size, "policy", "policies"), `as of ${instant(at)}`],
    fallback: title,
  };
}
