import ms from "pretty-ms";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft } from "./draft.ts";
import type { Finding } from "./problem.ts";
import { mostRegions } from "./regions.ts";

/** Regions, services, stores and runbooks as a whole: do they fit together? */
export function regionFindings(draft: Draft): Finding[] {
  return [...homeFindings(draft), ...serviceFindings(draft), ...storeFindings(draft), ...runbookFindings(draft)];
}

function homeFindings({ home, regionCodes }: Draft): Finding[] {
  const findings: Finding[] = [];
  if (home !== undefined && regionCodes.length > 0 && !regionCodes.includes(home)) {
    const hint = didYouMean(home, regionCodes, "The plan's regions are");
    findings.push({ path: ["home"], message: `home is ${home}, which is not a region of this plan`, hint });
  }
  if (regionCodes.length === 1) {
    const hint = "There must be somewhere to fail over to: add a second region.";
    findings.push({ path: ["regions"], message: `the plan has only one region, ${regionCodes[0]}`, hint, atKey: true });
  }
  if (regionCodes.length > mostRegions) {
    const message = `the plan has ${regionCodes.length} regions; ${mostRegions} is the most`;
    findings.push({
      path: ["regions"],
      message,
      hint: "Give applications with other regions plans of their own.",
      atKey: true,
    });
  }
  return findings;
}

function serviceFindings({ home, regions, regionCodes, services, serviceNames }: Draft): Finding[] {
  const findings: Finding[] = [];
  if (serviceNames.length === 0) {
    findings.push({
      path: ["services"],
      message: "the plan has no service",
      hint: "Name what the application offers, with its objectives.",
    });
  }
  // With a broken region nobody can say what the others would have to satisfy.
  if (Object.keys(regions).length !== regionCodes.length || regionCodes.length < 2) return findings;
  for (const [name, { jurisdictions }] of Object.entries(services)) {
    const path = ["services", name, "jurisdictions"];
    const where = Object.entries(regions).map(([code, region]) => `${code} is in ${region.jurisdiction}`);
    const may = `service ${name} may only lie in ${jurisdictions.join(", ")}`;
    const hint = `Allow another jurisdiction or change a region: ${where.join(", ")}.`;
    const fitting = Object.entries(regions).filter(([, region]) => jurisdictions.includes(region.jurisdiction));
    const codes = fitting.map(([code]) => code);
    if (home !== undefined && regions[home] && !codes.includes(home)) {
      findings.push({ path, message: `${may}, and home (${home}) does not`, hint });
    } else if (codes.every((code) => code === home)) {
      findings.push({ path, message: `${may}, and no region but home does`, hint });
    }
  }
  return findings;
}

function storeFindings({ regionCodes, services, serviceNames, stores }: Draft): Finding[] {
  return Object.entries(stores).flatMap(([name, store]): Finding[] => {
    const path = ["stores", name];
    const findings: Finding[] = [];
    if (!serviceNames.includes(store.service)) {
      const hint = didYouMean(store.service, serviceNames, "The plan's services are");
      findings.push({
        path: [...path, "service"],
        message: `store ${name} belongs to ${store.service}, which is not a service`,
        hint,
      });
    }
    for (const code of regionCodes.filter((code) => !Object.hasOwn(store.copies, code))) {
      const hint = `Say how to reach it under copies.${code}; without it nobody knows what a failover there would lose.`;
      findings.push({
        path: [...path, "copies"],
        message: `store ${name} has no copy in region ${code}`,
        hint,
        atKey: true,
      });
    }
    for (const code of Object.keys(store.copies).filter((code) => !regionCodes.includes(code))) {
      const hint = didYouMean(code, regionCodes, "The plan's regions are");
      findings.push({
        path: [...path, "copies", code],
        message: `${code} is not a region of this plan`,
        hint,
        atKey: true,
      });
    }
    const rpo = services[store.service]?.objectives.rpo;
    if (rpo !== undefined && store.lossBudget > rpo) {
      const message = `store ${name} may lose ${ms(store.lossBudget)} without asking, more than the RPO of ${store.service}, ${ms(rpo)}`;
      findings.push({
        path: [...path, "lossBudget"],
        message,
        hint: "Lower the budget to the RPO, or raise objectives.rpo.",
      });
    }
    return findings;
  });
}

function runbookFindings({ runbooks }: Draft): Finding[] {
  const findings: Finding[] = [];
  if (runbooks.every(({ kind }) => kind !== undefined && kind !== "failover")) {
    const hint = "Without a runbook with kind: failover a dead region stays dead.";
    findings.push({ path: ["runbooks"], message: "the plan has no runbook of kind failover", hint, atKey: true });
  }
  const wanted = { "region-down": "failover", "region-returned": "rejoin", manual: undefined } as const;
  const taken = new Map<string, string>();
  for (const { name, path, kind, trigger } of runbooks) {
    const needed = trigger && wanted[trigger];
    if (!trigger || !needed) continue;
    const at = [...path, "trigger"];
    if (kind !== undefined && kind !== needed) {
      findings.push({
        path: at,
        message: `${trigger} can only start a runbook of kind ${needed}, and ${name} is ${kind}`,
        hint: `Write kind: ${needed}, or trigger: manual.`,
      });
    }
    const other = taken.get(trigger);
    if (other !== undefined) {
      findings.push({
        path: at,
        message: `${other} and ${name} both start on ${trigger}`,
        hint: "One of them must be started by people: trigger: manual.",
      });
    }
    taken.set(trigger, name);
  }
  return findings;
}
