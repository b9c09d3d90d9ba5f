import { type Stub, stubs } from "./stub.ts";

const NAMES = ["test/http/everybodys-names.test.ts"];
const PRIVATE = ["test/store/private.test.ts"];
const FORGED = ["test/offline/forged.test.ts"];
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
    name: "the client secret of Teams goes wherever a redirect leads",
    file: "adapters/chat/teams/tokens.ts",
    find: '      redirect: "error",\n',
    replace: "",
    tests: ["test/adapters/redirects.test.ts"],
  },
  ...stubs("adapters/store/sqlite-database.ts", PRIVATE, [
    {
      name: "a new journal is readable for others on the machine",
      find: 'unlessRefused(() => closeSync(openSync(file, "wx", 0o600)));',
      replace: "",
    },
    {
      name: "a journal that is readable for others stays so",
      find: "if (mode & 0o007)",
      replace: "if (false)",
    },
  ]),
  {
    name: "a backup goes into what lies in its place",
    file: "src/cli/backup.ts",
    find: 'await rm(partial, { force: true });\n    const output = await open(partial, "wx", 0o600);',
    replace: 'const output = await open(partial, "w", 0o600);',
    tests: PRIVATE,
  },
  {
    name: "the log holds what a vendor says that it was sent",
    file: "src/logger.ts",
    find: "hooks: { streamWrite: redactText }",
    replace: "hooks: {}",
    tests: ["test/logger.test.ts"],
  },
  ...stubs("src/offline/import.ts", FORGED, [
    {
      name: "an import moves the service to a region that is not in the plan",
      find: "if (stranger !== undefined) {",
      replace: "if (false && stranger !== undefined) {",
    },
    {
      name: "an import of what is not yet is taken in",
      find: "if (Date.parse(endedAt) > now + MOST_AHEAD_MS) {",
      replace: "if (false) {",
    },
  ]),
  {
    name: "an import takes whatever its chain holds",
    file: "src/offline/read-events.ts",
    find: "if (!problem) return event as DomainEvent;",
    replace: "if (problem || !problem) return event as DomainEvent;",
    tests: FORGED,
  },
  ...stubs(
    "src/http/listen.ts",
    ["test/http/listen.test.ts"],
    [
      {
        name: "the server takes connections without end",
        find: "server.maxConnections = connections;",
        replace: "",
      },
      {
        name: "the server waits for ever for a connection that says nothing",
        find: "socket.setTimeout(silentMs, () => socket.destroy())",
        replace: "socket.setTimeout(0)",
      },
    ],
  ),
  {
    name: "one person may take all live connections",
    only: "live connections of one person",
    file: "src/http/feed.ts",
    find: "if (taken.filter((one) => one === who).length >= maxEach)",
    replace: "if (false)",
    tests: ["test/http/live.test.ts"],
  },
];
