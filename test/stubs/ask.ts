import { type Stub, stubs } from "./stub.ts";

const ASK = ["test/assistant/ask.wire.test.ts", "test/assistant/ask-tools.wire.test.ts"];
const SECURITY = ["test/assistant/ask-security.wire.test.ts"];
const AZURE = ["test/adapters/monitor/contract.wire.test.ts"];
const SIGN_IN = ["test/adapters/model/sign-in.wire.test.ts"];

/** What keeps a question from becoming anything else. */
export const askStubs: Stub[] = [
  ...stubs("src/assistant/look.ts", ASK, [
    {
      name: "looks have no bound",
      find: "left: () => most - looks.length,",
      replace: "left: () => most,",
    },
    {
      name: "a tool's input is taken as it comes",
      find: "if (!parsed.success) return refused(`The input does not fit: ${issuesOf(parsed.error)}.`);",
      replace: "if (!parsed.success) issuesOf(parsed.error);",
    },
    {
      name: "a tool that hangs holds the question up",
      only: "a tool that hangs",
      find: "const limit = AbortSignal.any([signal, clock.timeout(toolMs)]);",
      replace: "const limit = AbortSignal.any([signal, clock.timeout(toolMs * 100)]);",
    },
    {
      name: "what goes wrong inside a tool is told outside",
      find: 'error instanceof AppError ? error.summary : "It failed."',
      replace: "String(error)",
    },
    { name: "a look is not journaled", find: "event: await called(look)", replace: "event: number" },
  ]),
  ...stubs("src/assistant/talk.ts", ASK, [
    {
      name: "a model that asks for looks without end is not stopped",
      find: 'if (isLast) { said.astray = "it asked for more looks than it may have"; return { stop: true }; }',
      replace: "",
    },
    { name: "an answer is sent back without end", find: "if (mends >= MENDS) {", replace: "if (mends < 0) {" },
  ]),
  ...stubs("src/assistant/answer.ts", ASK, [
    {
      name: "claims of an answer are shown unchecked",
      find: "const faults = [...checkClaim(claim, context), ...askFaults(text)];",
      replace: "const faults = [...checkClaim(claim, context), ...askFaults(text)].slice(0, 0);",
    },
    {
      name: "a model judges",
      find: "const judged = JUDGEMENT.exec(prose);",
      replace: 'const judged = JUDGEMENT.exec(prose.replace(/./gu, ""));',
    },
  ]),
  ...stubs("src/assistant/offer.ts", ASK, [
    {
      name: "a decision is offered as a button",
      find: "if (!MAY_BE_OFFERED.has(command.name)) {",
      replace: "if (!MAY_BE_OFFERED.has(command.name) && command.name.length === 0) {",
    },
    {
      name: "a button breaks the glass",
      find: "if (forbidden !== undefined) return",
      replace: "if (forbidden === OWN_WORDS) return",
    },
  ]),
  ...stubs("src/assistant/decide-ask.ts", ASK, [
    {
      name: "a person asks as much as they like",
      find: "if (own.length >= questionsPerHour) {",
      replace: "if (own.length < 0) {",
    },
    {
      name: "questions take as many tokens as they like",
      find: "if (spent < tokensPerHour) return undefined;",
      replace: "if (spent >= 0) return undefined;",
    },
  ]),
  ...stubs("src/assistant/fold.ts", ASK, [
    {
      name: "what a question took is forgotten",
      find: "const spent = tokens.input + tokens.output;",
      replace: "const spent = (tokens.input + tokens.output) * 0;",
    },
  ]),
  ...stubs("src/assistant/ask.ts", ASK, [
    {
      name: "a tool is given a way to write",
      find: "journal: { query: (of) => journal.query(of) },",
      replace: "journal,",
    },
    {
      name: "a question goes on when Muster ends",
      only: "end it when Muster ends",
      find: "stopping.abort();",
      replace: "",
    },
  ]),
  ...stubs("src/assistant/outward.ts", SECURITY, [
    { name: "links leave an answer", find: '.replace(LINK, "[link]")', replace: "" },
    { name: "addresses of people leave an answer", find: '.replace(EMAIL, "[redacted:email]")', replace: "" },
    { name: "mentions leave an answer", find: '.replace(/@(?=[\\p{L}\\p{N}])/gu, "(at)")', replace: "" },
    {
      name: "two halves of a secret meet",
      find: "return redact(joined) === joined ? text :",
      replace: "return redact(joined) !== undefined ? text :",
    },
  ]),
  ...stubs("src/assistant/evidence.ts", SECURITY, [
    {
      name: "a tool's result may close its fence",
      find: "fenced(redact(unnamed(text, people)), nonce) as string",
      replace: "redact(unnamed(text, people))",
    },
    {
      name: "secrets of a result reach the model",
      find: "fenced(redact(unnamed(text, people)), nonce)",
      replace: "fenced(unnamed(text, people), nonce)",
    },
  ]),
  ...stubs("src/assistant/tools/journal-search.ts", SECURITY, [
    {
      name: "a note is evidence",
      find: "events: known.filter(({ kind }) => !NOT_EVIDENCE.has(kind)),",
      replace: "events: known,",
    },
  ]),
  ...stubs(
    "src/chat/inbox.ts",
    ["test/chat/inbox.test.ts"],
    [
      {
        name: "approvals wait behind questions",
        only: "lets nobody's command wait",
        find: "(isSlow(inbound) ? patiently : inTurn)",
        replace: "(isSlow(inbound) ? inTurn : inTurn)",
      },
      {
        name: "a command in a chat is remembered by one instance alone",
        find: "harmless: given.command.readOnly",
        replace: "harmless: true",
      },
    ],
  ),
  ...stubs("adapters/monitor/logs.ts", AZURE, [
    {
      name: "a query finds as many rows as there are",
      find: "const query = `${kql}\\n| take ${MOST_ROWS + 1}`;",
      replace: "const query = kql;",
    },
    {
      name: "secrets of log lines are passed on",
      find: "return redact(text).slice(0, LONGEST_CELL);",
      replace: "return text.slice(0, LONGEST_CELL);",
    },
    {
      name: "a partial result looks like a whole one",
      find: "return { ...tableOf(found.partialTables[0]), partial: found.partialError.code };",
      replace: "return tableOf(found.partialTables[0]);",
    },
  ]),
  ...stubs("adapters/azure/credential.ts", SIGN_IN, [
    {
      name: "a sign-in that is refused for good is tried again and again",
      find: 'return REFUSED.test(error.message) ? "refused" : "unavailable";',
      replace: 'return REFUSED.test("") ? "refused" : "unavailable";',
    },
  ]),
];
