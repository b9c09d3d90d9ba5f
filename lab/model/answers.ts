import type { Scene } from "./scenes.ts";
import type { Asked } from "./server.ts";

/** What a question is about, by its words; the first that fits is looked at, and what the answer wants to hear. */
const LOOKS: { about: RegExp; name: string; input(question: string): object; tell: RegExp }[] = [
  {
    about: /\bfail ?back\b|come home|go home/iu,
    name: "readiness",
    input: () => ({ runbook: "failback", target: null }),
    tell: /^Failback|\bfailback\b|nothing to fail back/u,
  },
  {
    about: /\bfail ?over\b|\bready\b|readiness/iu,
    name: "readiness",
    input: () => ({ runbook: "failover", target: null }),
    tell: /^Failover|Readiness/u,
  },
  {
    about: /\brun-\d+\b/u,
    name: "run",
    input: (question) => ({ run: /\brun-\d+\b/u.exec(question)?.[0] ?? "run-1", step: null }),
    tell: /./u,
  },
  { about: /\blag|behind|lose|loss|replicat|copies|copy/iu, name: "lag", input: () => ({}), tell: /./u },
  { about: /on.?call|page/iu, name: "oncall", input: () => ({}), tell: /./u },
  { about: /\bplan\b|objective|rto|rpo|runbook/iu, name: "plan", input: () => ({}), tell: /Service|Runbook/u },
  { about: /alert|signal|happened/iu, name: "alerts", input: () => ({}), tell: /./u },
];
const STATUS = { about: /./u, name: "status", input: () => ({}), tell: /Served|Region \S+ \(|Service|Incident/u };

const ROW = /^([et]\d+(?:r\d+)?)(?: at \S+)?: (.*) \[fields: .*\]$/u;
const MOST_CLAIMS = 4;

/**
 * A model that answers by rule: it looks at what the question's words are about, and at how things stand, and tells
 * of that in code's own sentences. It suggests a failback when it was asked about one that no guard refuses.
 */
export function answersQuestions({ user, results }: Asked): Scene {
  const [, question = ""] = /QUESTION\n(.*)\n/u.exec(user) ?? [];
  const looks = [...LOOKS.filter(({ about }) => about.test(question)).slice(0, 2), STATUS];
  const next = looks[results.length];
  if (next) return { does: "calls", calls: [{ name: next.name, input: next.input(question) }] };
  const claims = looks.flatMap(({ tell }, index) =>
    rowsOf(results[index] ?? "")
      .filter(({ sentence }) => tell.test(sentence))
      .slice(0, MOST_CLAIMS)
      .map(({ id }) => ({ kind: "fact", cites: [id], text: `{{${id}.sentence}}` })),
  );
  const isFree = results.some((text) => /^t\d+r\d+: Failback .*no guard refuses it now/mu.test(text));
  return { does: "calls", calls: [{ name: "answer", input: { claims, command: isFree ? "failback" : null } }] };
}

function rowsOf(result: string): { id: string; sentence: string }[] {
  return result.split("\n").flatMap((line) => {
    const [, id, sentence] = ROW.exec(line) ?? [];
    return id === undefined || sentence === undefined ? [] : [{ id, sentence }];
  });
}
