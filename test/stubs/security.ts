import { type Stub, stubs } from "./stub.ts";

const NAMES = ["test/http/everybodys-names.test.ts"];
const GUARD = ["test/http/guard.test.ts"];

/** What strangers, and people beyond their role, try. */
export const securityStubs: Stub[] = [
  ...stubs("src/own.ts", NAMES, [
    {
      name: "a name that every object has is found in every record",
      find: "return Object.hasOwn(record, name) ? record[name] : undefined;",
      replace: "return record[name];",
    },
  ]),
  {
    name: "a command takes a name that every object has for an id",
    file: "src/own.ts",
    find: "return name in Object.prototype;",
    replace: "return false;",
    tests: ["test/commands/inputs.test.ts"],
  },
  ...stubs("src/http/guard.ts", GUARD, [
    {
      name: "a session that no token opened holds on every server of the store",
      find: "const holds = session && (session.credential !== undefined || openSignIn);",
      replace: "const holds = session;",
    },
    {
      name: "the page behind a proxy that ends TLS is another site",
      find: " || origin === `https://${host}`;",
      replace: ";",
    },
    {
      name: "any page that came by TLS is our own",
      find: "origin === `https://${host}`",
      replace: 'origin.startsWith("https:")',
    },
    {
      name: "a cookie that came by TLS is sent without it",
      find: '(c.req.header("origin")?.startsWith("https:") ?? false)',
      replace: "false",
    },
  ]),
  {
    name: "whoever signs in may guess tokens without end",
    file: "src/http/room/routes.ts",
    find: "    slowGuessing(c, http);\n",
    replace: "",
    tests: GUARD,
  },
  {
    name: "one person may take all live connections",
    file: "src/http/feed.ts",
    find: "if (taken.filter((one) => one === who).length >= maxEach)",
    replace: "if (false)",
    tests: ["test/http/live.test.ts"],
  },
];
