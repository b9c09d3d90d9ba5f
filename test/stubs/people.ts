import { type Stub, stubs } from "./stub.ts";

const PRESSES = ["test/approvals/over-http.test.ts"];
const TOKENS = ["test/people/tokens.test.ts"];
const LINKS = ["test/people/links.test.ts"];
const DOOR = ["test/people/door-log.test.ts"];
const RELOAD = ["test/people/reload.test.ts"];
const SESSIONS = ["test/people/sessions.test.ts"];
const REMINDER = ["test/approvals/reminder.test.ts"];

/** The people behind decisions: who they are, what they may, and that each of them counts once. */
export const peopleStubs: Stub[] = [
  ...stubs("src/approvals/approvals.ts", PRESSES, [
    {
      name: "a second press of one person is not told that the first stands",
      find: "if (before) throw alreadyDecided(approval, before.decision);",
      replace: "",
    },
  ]),
  ...stubs("src/approvals/decide-reminder.ts", REMINDER, [
    {
      name: "nobody is reminded of an approval",
      find: "if (now < half) return { wakeAt: half };",
      replace: "return { wakeAt: late };",
    },
    {
      name: "an approval that nobody answers escalates to nobody",
      find: "if (now >= late) {",
      replace: "if (false) {",
    },
  ]),
  ...stubs("src/http/guard.ts", DOOR, [
    {
      name: "a wrong signature at the door of a chat is not counted",
      find: "if (error instanceof AppError && UNKNOWN_CALLER.has(error.code))",
      replace: "if (false)",
    },
  ]),
  {
    name: "a token never expires",
    file: "src/people/decide.ts",
    find: 'return now < Date.parse(token.expiresAt) ? "active" : "expired";',
    replace: 'return "active";',
    tests: TOKENS,
  },
  {
    name: "a revoked token is taken on",
    file: "src/people/decide.ts",
    find: 'if (token.revokedAt !== undefined) return "revoked";',
    replace: "",
    tests: TOKENS,
  },
  {
    name: "any secret fits a token's number",
    file: "src/people/tokens.ts",
    find: "if (!token || hash === undefined || !sameHash(hash, sha256(text))) return undefined;",
    replace: "if (!token || hash === undefined) return undefined;",
    tests: TOKENS,
  },
  {
    name: "anybody may touch anybody's tokens",
    file: "src/people/tokens.ts",
    find: 'if (caller.principal === principal || hasRole(caller, "commander")) return;',
    replace: "return;",
    tests: TOKENS,
  },
  {
    name: "a repeat is given the secret again",
    file: "src/http/api.ts",
    find: "return secret ? shownOnce(c) : answer;",
    replace: "return answer;",
    tests: TOKENS,
  },
  ...stubs("src/people/links.ts", LINKS, [
    {
      name: "a link code works twice",
      find: "if (offer?.codeId !== given.codeId || at >= Date.parse(offer.expiresAt)) throw notValid();",
      replace: "if (offer === undefined && at < 0) throw notValid();",
    },
    { name: "an account may be linked over", find: "assertFree(people, identity);", replace: "" },
    {
      name: "any secret fits a link code's number",
      find: "kept?.codeId === codeId && sameHash(kept.sha256, sha256(code)) ?",
      replace: "kept?.codeId === codeId ?",
    },
  ]),
  {
    name: "an account that stands for nobody may do what everybody may",
    file: "src/commands/dispatch.ts",
    find: "if (command.anybody || hasRole(caller, command.role)) return;",
    replace: 'if (command.anybody || command.role === "observer" || hasRole(caller, command.role)) return;',
    tests: LINKS,
  },
  {
    name: "each wrong token is an event",
    file: "src/people/door-log.ts",
    find: "if (window) {",
    replace: "if (false as boolean && window) {",
    tests: DOOR,
  },
  {
    name: "a new people file is not in force",
    file: "src/people/reload.ts",
    find: "roster.replace(people);",
    replace: "",
    tests: RELOAD,
  },
  {
    name: "a session outlives its token",
    file: "src/people/directory.ts",
    find: "return holds ? caller : undefined;",
    replace: "return caller;",
    tests: SESSIONS,
  },
  {
    name: "a stream goes on when its person is gone",
    only: "when the person behind it is gone",
    file: "src/http/feed.ts",
    find: "if (!(await again())) break;",
    replace: "",
    tests: SESSIONS,
  },
  {
    name: "a command asks nobody for a role",
    file: "src/commands/dispatch.ts",
    find: "checkRole(options, command, caller);",
    replace: "",
    tests: ["test/commands/dispatch.test.ts"],
  },
  {
    name: "a token that ran out is good",
    file: "src/people/people.ts",
    find: "now() < expiresMs",
    replace: "true",
    tests: ["test/people/people.test.ts"],
  },
  {
    name: "a post of another site is taken",
    file: "src/http/guard.ts",
    find: 'if (unsafe && c.get("via") !== "token" && !sameOrigin(c))',
    replace: "if (false)",
    tests: ["test/http/guard.test.ts"],
  },
];
