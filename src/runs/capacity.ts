import { verdictClass } from "../approvals/envelope.ts";
import type { Plan, Step } from "../plans/plan.ts";
import type { RecoveryAction } from "../ports.ts";
import type { AppState, RunState } from "../state.ts";

/** What a change takes away: the regions that would have less, and those that must carry what they had. */
export interface Taking {
  from: string[];
  /** For each region of `from`, those that are to carry it, itself never among them. */
  carriers: Record<string, string[]>;
}

/** The first promise of the guards: the regions of `taking` that nobody who is seen up would carry. Pure. */
export function uncarried(state: AppState, { from, carriers }: Taking): string[] {
  return from.filter((region) => {
    // To leave a region that is down takes nothing away. One that is out of sight may well be serving.
    if (state.regions[region]?.verdict === "down") return false;
    return !(carriers[region] ?? []).some((other) => isUp(state, other));
  });
}

export function isUp(state: AppState, region: string): boolean {
  return verdictClass(state.regions[region]?.verdict ?? "unknown") === "up";
}

/** What a whole run would take away, as far as its kind says. */
export function takingOfRun(kind: RunState["kind"], source: string, target: string): Taking {
  if (source === target) return taking([], () => []);
  if (moves(kind)) return taking([source], () => [target]);
  // Made a follower, the returned region takes no more writes.
  return kind === "rejoin" ? taking([target], () => [source]) : taking([], () => []);
}

/**
 * What one step would take away. With what was seen, to the letter where the action can say it; before that, what a
 * step of this kind is for: traffic leaves the source, scaling builds up the target and takes from the others, and
 * whoever is fenced or made a follower takes no more writes.
 */
export function takingOfStep(
  run: RunState,
  step: Step,
  action: RecoveryAction,
  input: () => unknown,
  seen?: unknown,
): Taking {
  const { plan, source, target, kind } = run;
  const regions = (names: string[]) => [...new Set(names.flatMap((name) => regionNamed(plan, name)))];
  const other = (region: string) =>
    region === source ? [target] : region === target ? [source] : Object.keys(plan.regions);
  if (seen !== undefined && action.capacity) {
    const { from, to } = action.capacity(seen, input());
    const known = to && regions(to);
    return taking(regions(from), (region) => known ?? other(region));
  }
  switch (action.effect) {
    case "traffic":
      return moves(kind) ? takingOfRun(kind, source, target) : taking([], () => []);
    case "scale":
      // Preparing is building up: what it sees decides, right before the intent.
      return taking(
        moves(kind) && !step.prepare ? regions(action.dependsOn(input())).filter((one) => one !== target) : [],
        other,
      );
    case "fence":
    case "follower":
      return taking(regions(action.dependsOn(input())), other);
    default:
      return taking([], () => []);
  }
}

/** A rollback moves back what its run moved, and so takes from where that went. */
function moves(kind: RunState["kind"]): boolean {
  return kind === "failover" || kind === "failback" || kind === "rollback";
}

function taking(from: string[], carriersOf: (region: string) => string[]): Taking {
  const others = from.map((region) => [region, carriersOf(region).filter((one) => one !== region)]);
  return { from, carriers: Object.fromEntries(others) };
}

/** The region of that code, or the one that has this name among its settings: an address, a cluster. */
function regionNamed(plan: Plan, name: string): string[] {
  if (plan.regions[name]) return [name];
  const wanted = canonical(name);
  return Object.values(plan.regions)
    .filter(({ settings }) => Object.values(settings).some((value) => canonical(value) === wanted))
    .map(({ code }) => code);
}

function canonical(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase().replace(/\.$/, "") : undefined;
}
