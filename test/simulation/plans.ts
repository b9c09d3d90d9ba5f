import type { Plan, Policy, Runbook, Step } from "../../src/plans/plan.ts";
import { planDigest } from "../../src/plans/resolve.ts";
import { actionId } from "./actions.ts";
import type { Random } from "./random.ts";

const ALL_REGIONS = ["east", "west", "north"];
const ALL_STORES = ["orders", "sessions"];

/** A plan such as people might write: resolved, sound, and different for each seed. */
export function randomPlan(random: Random): Plan {
  const codes = ALL_REGIONS.slice(0, random.int(2, 3));
  const stores = ALL_STORES.slice(0, random.int(1, 2));
  const forbidden = codes.length > 2 && random.chance(0.3) ? "north" : undefined;
  const probe = (region: string, id: string) => ({ id, uses: "simulated.probe", with: { region } });
  return sealed({
    application: "shop",
    summary: "A shop",
    home: "east",
    regions: Object.fromEntries(
      codes.map((code) => [code, { code, name: code, jurisdiction: code === forbidden ? "xx" : "us", settings: {} }]),
    ),
    services: { api: { tier: 1, strategy: "warm-standby", rtoMs: 900_000, rpoMs: 5_000, jurisdictions: ["us"] } },
    stores: Object.fromEntries(
      stores.map((store) => [
        store,
        {
          kind: "simulated",
          service: "api",
          lossBudgetSeconds: random.int(1, 10),
          copies: Object.fromEntries(codes.map((region) => [region, { store, region }])),
        },
      ]),
    ),
    detection: {
      intervalMs: random.int(2, 5) * 1_000,
      timeoutMs: 1_000,
      downAfter: random.int(2, 3),
      healthyAfter: random.int(1, 3),
      probes: Object.fromEntries(codes.map((code) => [code, [probe(code, "api"), probe(code, "store")]])),
    },
    quarantineHealthyForMs: random.int(10, 40) * 1_000,
    readinessEveryMs: random.int(20, 60) * 1_000,
    runbooks: {
      failover: runbook(random, "failover", random.chance(0.7) ? "region-down" : "manual", moveSteps(random, stores)),
      failback: runbook(random, "failback", "manual", moveSteps(random, stores)),
      ...(random.chance(0.8) && { rejoin: runbook(random, "rejoin", "region-returned", rejoinSteps(random, stores)) }),
    },
  });
}

/** The same application with another policy and other times: what somebody deploys in the middle of a disaster. */
export function changedPlan(random: Random, { digest: _, ...plan }: Plan): Plan {
  const runbooks = Object.values(plan.runbooks).map((one): [string, Runbook] => [
    one.name,
    { ...one, policy: one.kind === "rejoin" ? one.policy : policy(random), steps: one.steps.map(otherTimes(random)) },
  ]);
  return sealed({ ...plan, runbooks: Object.fromEntries(runbooks) });
}

function sealed(plan: Omit<Plan, "digest">): Plan {
  return { ...plan, digest: planDigest(plan) };
}

function otherTimes(random: Random) {
  return (step: Step): Step => ({ ...step, timeoutMs: random.int(3, 20) * 1_000, retries: random.int(0, 2) });
}

function runbook(random: Random, name: Runbook["kind"], trigger: Runbook["trigger"], steps: Step[]): Runbook {
  const automatic = name === "rejoin" || random.chance(0.1);
  return {
    name,
    summary: name,
    kind: name,
    trigger,
    policy: { ...policy(random), ...(automatic && { approval: "automatic" }) },
    steps,
  };
}

function policy(random: Random): Policy {
  return {
    approval: random.chance(0.9) ? "required" : "automatic",
    quorum: random.int(1, 3),
    roles: ["approver", "commander"],
    excludeRequester: random.chance(0.6),
    expiryMs: random.int(20, 180) * 1_000,
  };
}

/** Preparation, a fence and a promotion for each store, the traffic, and whatever else the seed has in it. */
function moveSteps(random: Random, stores: string[]): Step[] {
  const steps: Step[] = [];
  const add = (id: string, uses: string, input: object, needs: string[], more: Partial<Step> = {}) => {
    steps.push(step(random, id, uses, input, needs, more));
    return id;
  };
  const prepared: string[] = [];
  for (let index = random.int(0, 2); index > 0; index--) {
    const needs = random.chance(0.5) ? prepared.slice(-1) : [];
    const id = `prepare-${index}`;
    const input = at("target", `scale/\${{ target.code }}/${id}`, "${{ run.id }}");
    const prepare = random.chance(0.7) && needs.every((need) => steps.find((one) => one.id === need)?.prepare);
    prepared.push(add(id, actionId("scale", random.pick(["converging", "conditional"])), input, needs, { prepare }));
  }
  if (random.chance(0.5)) {
    const prepare = random.chance(0.6) && steps.every((one) => one.prepare);
    prepared.push(add("check-target", "simulated.check", at("target", "", ""), [...prepared], { prepare }));
  }
  const promoted = stores.map((store) => {
    const fenced = add(
      `fence-${store}`,
      actionId("fence", random.pick(["converging", "conditional"])),
      { ...at("source", `fence/${store}/\${{ source.code }}`, "fenced"), store },
      random.chance(0.7) ? [...prepared] : [],
    );
    return add(
      `promote-${store}`,
      actionId("promotion", random.pick(["converging", "conditional", "once"])),
      { ...at("target", `primary/${store}`, "${{ target.code }}"), store },
      [fenced],
      { pointOfNoReturn: random.chance(0.7) },
    );
  });
  const traffic = actionId("traffic", random.pick(["converging", "conditional"]));
  const shifted = add("shift-traffic", traffic, at("global", "traffic", "${{ target.code }}"), promoted);
  for (let index = random.int(0, 5); index > 0; index--) extra(random, index, steps, add);
  if (random.chance(0.5)) add("check-public", "simulated.check", at("target", "", ""), [shifted]);
  return steps;
}

function extra(
  random: Random,
  index: number,
  steps: Step[],
  add: (id: string, uses: string, input: object, needs: string[], more?: Partial<Step>) => string,
): void {
  const needs = steps.filter(() => random.chance(0.3)).map(({ id }) => id);
  const input = at("target", `job/\${{ target.code }}/extra-${index}`, "${{ run.id }}");
  const uses = random.pick([
    actionId("none", "once"),
    actionId("none", "once"),
    actionId("none", "converging"),
    actionId("snapshot", "once"),
    "simulated.wait",
    "simulated.check",
  ]);
  add(`extra-${index}`, uses, input, needs);
}

function rejoinSteps(random: Random, stores: string[]): Step[] {
  return stores.flatMap((store) => {
    const fence = { ...at("target", `fence/${store}/\${{ target.code }}`, "fenced"), store };
    const follow = { ...at("target", `follows/${store}/\${{ target.code }}`, "${{ run.id }}"), store };
    return [
      step(random, `fence-${store}`, actionId("fence", "converging"), fence, []),
      step(random, `follow-${store}`, actionId("follower", random.pick(["converging", "conditional"])), follow, [
        `fence-${store}`,
      ]),
    ];
  });
}

function at(where: "source" | "target" | "global", resource: string, want: string) {
  return { resource, want, region: where === "global" ? "global" : `\${{ ${where}.code }}` };
}

function step(
  random: Random,
  id: string,
  uses: string,
  input: object,
  needs: string[],
  more: Partial<Step> = {},
): Step {
  return {
    id,
    name: id,
    uses,
    with: input,
    needs,
    timeoutMs: random.int(3, 20) * 1_000,
    retries: random.int(0, 3),
    retryAfterMs: random.int(1, 40) * 100,
    prepare: false,
    pointOfNoReturn: false,
    ...more,
  };
}
