import { actorName, instant } from "../format.ts";
import type { pagerEvents } from "../pager/events.ts";
import type { Describers } from "./describe.ts";
import { systemName } from "./system-name.ts";

export const describePager: Describers<keyof typeof pagerEvents> = {
  "page.acknowledged": ({ data: { pager, key, happenedAt }, actor, at }) =>
    `The page about ${aboutOf(key)} was acknowledged in ${systemName(pager)} at ${instant(happenedAt, at)}${byWhom(actor)}.`,
  "page.resolved": ({ data: { pager, key, happenedAt }, actor, at }) =>
    `The page about ${aboutOf(key)} was ended in ${systemName(pager)} at ${instant(happenedAt, at)}${byWhom(actor)}.`,
};

/** `muster/shop/run-1/halt` → `run-1/halt` */
function aboutOf(key: string): string {
  return key.split("/").slice(2).join("/");
}

function byWhom(actor: string): string {
  return actor.startsWith("system:") ? " by somebody on call" : ` by ${actorName(actor)}`;
}
