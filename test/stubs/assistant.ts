import { type Stub, stubs } from "./stub.ts";

const CHECK = ["test/assistant/check.test.ts", "test/assistant/evaluation.test.ts"];
const WRITER = ["test/assistant/writer.wire.test.ts"];
const VERSIONS = ["test/assistant/versions.wire.test.ts"];
const CONTRACT = ["test/adapters/model/contract.wire.test.ts"];

/** What stands between a model and the people who read. */
export const assistantStubs: Stub[] = [
  ...stubs("src/assistant/read-draft.ts", WRITER, [
    {
      name: "claims are posted unchecked",
      find: "return checkKeptClaim(claim, context);",
      replace: "return context ? [] : checkKeptClaim(claim, context);",
    },
    {
      name: "a repair mends nothing",
      only: "mended once",
      find: "const mend = by.get(one.claim.id);",
      replace: "const mend = by.get(`another ${one.claim.id}`);",
    },
  ]),
  ...stubs("src/assistant/statements.ts", WRITER, [
    {
      name: "milestones that a model left out are left out",
      find: "const added = untold(facts, summary)",
      replace: "const added = untold([], summary)",
    },
  ]),
  ...stubs(
    "src/comms/public-text.ts",
    ["test/comms/public-text.test.ts"],
    [
      {
        name: "the public reads how things are built",
        find: "return internal === undefined ? []",
        replace: "return internal !== null ? []",
      },
      {
        name: "the public is promised what nobody knows",
        find: "...(future === undefined || hasBasis",
        replace: "...(future !== null || hasBasis",
      },
      {
        name: "the public is told what a stage does not say",
        find: "const wrong = statusesSaid(prose).filter(({ status }) => !may.has(status));",
        replace: "const wrong = statusesSaid(prose).filter(({ status }) => may.has(status) && false);",
      },
    ],
  ),
  ...stubs("src/assistant/budget.ts", VERSIONS, [
    {
      name: "an incident takes as many tokens as it likes",
      only: "a budget of tokens",
      find: "if (before + own > tokensPerIncident)",
      replace: "if (before + own < 0)",
    },
    {
      name: "a report takes as many tokens as it likes",
      only: "a budget of tokens",
      find: "if (own > tokensPerReport)",
      replace: "if (own < 0)",
    },
  ]),
  ...stubs("src/reports/write.ts", VERSIONS, [
    {
      name: "what a person changed in a document is written over",
      find: "if (text === undefined || isOwnText(text, known)) return one;",
      replace: "if (text === undefined || known.size >= 0) return one;",
    },
  ]),
  ...stubs(
    "src/assistant/task.ts",
    ["test/assistant/long-incident.wire.test.ts"],
    [
      {
        name: "a long incident makes a long prompt",
        find: "if (events.length <= MOST_FACTS) return events;",
        replace: "if (events.length >= 0) return events;",
      },
    ],
  ),
  ...stubs("src/assistant/writer.ts", WRITER, [
    {
      name: "the model is shown people by name",
      find: "facts: facts.map((fact) => shownFact(fact, context.people))",
      replace: "facts: facts.map((fact) => shownFact(fact, []))",
    },
  ]),
  ...stubs("src/assistant/prompt.ts", WRITER, [
    {
      name: "what people wrote may close the fence of the prompt",
      find: "fenced(redact(input.parse(given)), nonce)",
      replace: "redact(input.parse(given))",
    },
    {
      name: "secrets are sent to a model",
      find: "fenced(redact(input.parse(given)), nonce)",
      replace: "fenced(input.parse(given), nonce)",
    },
  ]),
  ...stubs("src/assistant/checks/form.ts", CHECK, [
    {
      name: "the model may write values itself",
      find: "const literal = /\\d/u.exec(prose) ?? NUMBERS.exec(prose);",
      replace: "const literal = undefined as RegExpExecArray | undefined;",
    },
  ]),
  ...stubs("src/assistant/checks/status.ts", CHECK, [
    {
      name: "a status is taken from no event",
      find: "return says.has(status) ? []",
      replace: "return says.size >= 0 ? []",
    },
    {
      name: "a negation is not looked at",
      find: "return means.some((one) => says.has(one)) ? []",
      replace: "return means.length >= 0 ? []",
    },
    {
      name: "one run's end is told as another's",
      find: "return ran.has(named) ? []",
      replace: "return named ? []",
    },
    {
      name: "of two events one vouches for the other's word",
      find: "vouchersFor(claim, one.index).flatMap",
      replace: "claim.eventIds.flatMap",
    },
  ]),
  ...stubs("src/assistant/checks/mood.ts", CHECK, [
    {
      name: "an invented cause is a fact",
      find: 'if (kind === "hypothesis") return [];\n  const invented',
      replace: "if (kind) return [];\n  const invented",
    },
  ]),
  {
    name: "a draft is told after the story went on",
    file: "src/reports/narrative.ts",
    find: "if (!drafted || own.some((event) => isNewer(event, drafted))) return undefined;",
    replace: "if (!drafted) return undefined;",
    tests: WRITER,
  },
  {
    name: "a retired deployment is asked again and again",
    file: "adapters/model/circuit.ts",
    find: "if (broken) rest(BROKEN_MS);",
    replace: "if (broken) rest(0);",
    tests: CONTRACT,
  },
  {
    name: "an endpoint in the failing region is asked first",
    only: "the endpoint in a failing region last",
    file: "adapters/model/index.ts",
    find: "return [...places.filter((one) => !isAway(one)), ...places.filter(isAway)];",
    replace: "return avoid ? [...places] : places.filter(isAway);",
    tests: CONTRACT,
  },
  {
    name: "a draft holds up the end of Muster",
    only: "when Muster ends while a model is asked",
    file: "src/followers/reports.ts",
    find: "asking.draft(document, input, worker?.signal)",
    replace: "asking.draft(document, input)",
    tests: ["test/assistant/reporter.wire.test.ts"],
  },
];
