import { describe, expect, it } from "vitest";
import { type Import, readSources, type Source, topFolder } from "./sources.ts";

const sources = readSources("src", "commands", "adapters", "prompts", "templates", "lab");
/** What wires everything, a file for each verb. */
const MAIN = "src/main/";

/** Every import that is not allowed, as `file → import`; an empty list is what is hoped for. */
function offences(within: Source[], isAllowed: (one: Import, source: Source) => boolean): string[] {
  return within.flatMap((source) =>
    source.imports.filter((one) => !isAllowed(one, source)).map(({ to }) => `${source.file} → ${to}`),
  );
}

const isOurs = ({ from }: Import) => from.startsWith(".");
const within = (folder: string) => sources.filter(({ file }) => topFolder(file) === folder);

describe("the direction of imports", () => {
  it("is read from files that there are", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(500);
  });

  it.each(["commands", "adapters", "prompts", "templates", "lab"])(
    "leads from %s to src, and to nothing beside it",
    (folder) => {
      const allowed = (one: Import) => !isOurs(one) || ["src", folder].includes(topFolder(one.to));
      expect(offences(within(folder), allowed)).toEqual([]);
    },
  );

  it("leads from src to nothing but src", () => {
    const src = within("src").filter(({ file }) => file !== "src/main.ts" && !file.startsWith(MAIN));
    expect(offences(src, (one) => !isOurs(one) || topFolder(one.to) === "src")).toEqual([]);
  });

  it("leads from the files that wire everything to everything but the lab", () => {
    const main = sources.filter(({ file }) => file === "src/main.ts" || file.startsWith(MAIN));
    const known = ["src", "commands", "adapters", "prompts", "templates"];
    expect(main.length).toBeGreaterThan(5);
    expect(offences(main, (one) => !isOurs(one) || known.includes(topFolder(one.to)))).toEqual([]);
  });

  it("leads to nothing that is only installed for development", () => {
    const node = ({ from }: Import) => from.startsWith("node:");
    const packages = new Set(Object.values(HOMES).flatMap(({ names }) => names));
    expect(offences(sources, (one) => isOurs(one) || node(one) || packages.has(one.to))).toEqual([]);
  });
});

/** Where a package may be loaded: what it would take to leave it stays in one place. */
const HOMES: Record<string, { names: string[]; folders: string[] }> = {
  "a vendor's SDK of AWS": { names: ["@aws-sdk/client-route-53"], folders: ["adapters/aws/"] },
  "the clients of language models": {
    names: ["@langchain/openai", "langchain", "openai", "@azure/openai"],
    folders: ["adapters/model/"],
  },
  "the client of Azure Monitor": { names: ["@azure/monitor-query"], folders: ["adapters/monitor/"] },
  "who signs in to Entra ID": {
    names: ["@azure/identity"],
    folders: ["adapters/azure/"],
  },
  "Slack's own framework": { names: ["@slack/bolt", "@slack/web-api"], folders: ["adapters/chat/slack/"] },
  "PagerDuty's own client": { names: ["@pagerduty/pdjs"], folders: ["adapters/pager/"] },
  "Microsoft's Bot Framework": { names: ["botbuilder"], folders: ["adapters/chat/teams/"] },
  "the checker of signed tokens": { names: ["jose"], folders: ["adapters/chat/teams/bearer.ts"] },
  "the client of mail servers": { names: ["nodemailer"], folders: ["adapters/mail/"] },
  "the lab's mail server": { names: ["smtp-server", "postal-mime"], folders: ["lab/mail/"] },
  "the maker of certificates": { names: ["node-forge"], folders: ["lab/tls.ts"] },
  "the server of web sockets": { names: ["ws"], folders: ["lab/slack/"] },
  "Kubernetes's own client": { names: ["@kubernetes/client-node"], folders: ["adapters/kubernetes/"] },
  "the PostgreSQL client": { names: ["pg"], folders: ["adapters/store/postgres"] },
  "the Redis client": { names: ["ioredis"], folders: ["adapters/redis/"] },
  Hono: { names: ["hono", "@hono/node-server"], folders: ["src/http/", "lab/pagerduty/"] },
  "the writer of feeds": { names: ["feed"], folders: ["src/status-page/"] },
  Prometheus: { names: ["prom-client"], folders: ["src/http/metrics.ts"] },
  "what draws in a terminal": {
    names: ["cli-table3", "log-update", "picocolors"],
    folders: ["src/cli/", "lab/rehearsal/", "lab/show.ts"],
  },
  Handlebars: {
    names: ["handlebars"],
    folders: ["src/reports/", "src/assistant/prompt.ts", "src/comms/words.ts", "src/mail/words.ts"],
  },
  YAML: { names: ["yaml"], folders: ["src/plans/", "lab/"] },
  "durations in words": { names: ["ms"], folders: ["src/plans/duration.ts", "lab/rehearsal/"] },
  "durations for people": {
    names: ["pretty-ms"],
    folders: ["src/format.ts", "src/plans/"],
  },
  "did you mean": { names: ["fastest-levenshtein"], folders: ["src/plans/did-you-mean.ts", "src/commands/"] },
  "words of a command line": { names: ["string-argv"], folders: ["src/commands/"] },
  zod: { names: ["zod"], folders: ["src/", "adapters/", "commands/", "prompts/", "lab/"] },
  "the maker of the logger": { names: ["pino"], folders: [MAIN, "src/logger.ts"] },
};

describe("a package", () => {
  it.each(Object.entries(HOMES))("is loaded only at home: %s", (_, { names, folders }) => {
    const home = (file: string) => folders.some((folder) => file.startsWith(folder));
    const abroad = (one: Import, { file }: Source) => !names.includes(one.to) || one.typeOnly || home(file);
    expect(offences(sources, abroad)).toEqual([]);
  });

  it.each([
    "@aws-sdk/client-route-53",
    "@azure/identity",
    "@azure/monitor-query",
    "@azure/openai",
    "@langchain/openai",
    "langchain",
    "openai",
    "@slack/bolt",
    "@slack/web-api",
    "botbuilder",
    "nodemailer",
    "@pagerduty/pdjs",
    "@kubernetes/client-node",
    "ioredis",
    "pg",
  ])("of a vendor gives not even its types elsewhere: %s", (name) => {
    const [home = ""] = Object.values(HOMES).find(({ names }) => names.includes(name))?.folders ?? [];
    expect(home).toMatch(/^adapters\//);
    expect(offences(sources, (one, { file }) => one.to !== name || file.startsWith(home))).toEqual([]);
  });
});
