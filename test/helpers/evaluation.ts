import { checkClaim } from "../../src/assistant/check.ts";
import { MUTATIONS } from "./mutants.ts";
import { type Instance, instances, readParaphrases } from "./paraphrases.ts";

export interface Evaluation {
  /** True sentences, and those of them that some story's event refuses. */
  sentences: number;
  refused: string[];
  checks: number;
  /** By kind of lie: how many were told, and how many of these passed. */
  lies: { name: string; told: number; passed: string[] }[];
  /** Of all claims that passed, true and false ones, the share that is true. */
  precision: number;
  p95Ms: number;
}

/** The checker against the paraphrases: every true sentence, and every lie that can be made of one. */
export function evaluate(now: () => number): Evaluation {
  const all = instances(1);
  const times: number[] = [];
  const passes = ({ claim, context }: Instance, one = claim) => {
    const from = now();
    const faults = checkClaim(one, context);
    times.push(now() - from);
    return faults.length === 0;
  };
  const truths = all.map((instance) => ({ text: instance.paraphrase.text, passed: passes(instance) }));
  const lies = Object.entries(MUTATIONS).map(([name, mutate]) => {
    const told = all.flatMap((instance) => {
      const claim = mutate(instance);
      return claim ? [{ text: claim.text, passed: passes(instance, claim) }] : [];
    });
    return { name, told: told.length, passed: told.filter(({ passed }) => passed).map(({ text }) => text) };
  });
  const trueOnes = truths.filter(({ passed }) => passed).length;
  const falseOnes = lies.reduce((sum, { passed }) => sum + passed.length, 0);
  return {
    sentences: readParaphrases().length,
    refused: [...new Set(truths.filter(({ passed }) => !passed).map(({ text }) => text))],
    checks: times.length,
    lies,
    precision: trueOnes / (trueOnes + falseOnes),
    p95Ms: times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? 0,
  };
}
