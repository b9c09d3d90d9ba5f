import { type Stub, stubs } from "./stub.ts";

const CHAIN = ["test/journal/chain.test.ts"];
const STORE = ["test/store/sqlite-contract.test.ts"];
const JOURNAL = ["test/journal/journal.test.ts"];

/** The memory of everything: what stands, stands once, in order, unchanged, and was written by who may write. */
export const journalStubs: Stub[] = [
  ...stubs("src/journal/chain.ts", CHAIN, [
    {
      name: "every event has the same hash",
      find: 'return digest("sha256", `${previousHash}\\n${text}`, "hex");',
      replace: 'return "0".repeat(64);',
    },
    {
      name: "the hash leaves out the event before",
      find: 'return digest("sha256", `${previousHash}\\n${text}`, "hex");',
      replace: 'return digest("sha256", text, "hex");',
    },
    {
      name: "events may be changed after they were written",
      find: "if (eventHash(event.previousHash, event.text) !== event.hash)",
      replace: "if (false)",
    },
  ]),
  {
    name: "the audit finds every chain intact",
    file: "src/journal/verify.ts",
    find: "const reason = checkEvent(event, last) ?? checkVersion(event, versions);",
    replace: "const reason = undefined;",
    tests: CHAIN,
  },
  ...stubs(
    "src/fold.ts",
    ["test/plans/adopt.test.ts"],
    [
      {
        name: "where the service is depends on the plan that whoever folds the journal has",
        find: "const active = state.planDigest === undefined ? first : state.active;",
        replace: "const { active } = state;",
      },
      {
        name: "a region that the plan has no more is waited for",
        find: "filter(([code]) => plan.regions[code] || code === active)",
        replace: "filter(([code]) => plan.regions[code] || code !== active)",
      },
    ],
  ),
  {
    name: "a plan without the region that serves is taken",
    file: "src/plans/adopt.ts",
    find: "if (planDigest !== undefined && !plan.regions[active]) throw leftOut(plan, active);",
    replace: "",
    tests: ["test/plans/adopt.test.ts"],
  },
  {
    name: "the latest events cost a reading of the whole journal",
    file: "src/journal/query.ts",
    find: "upTo > 0 && found.length < limit; upTo -= BATCH",
    replace: "upTo > 0 || found.length < 0; upTo -= BATCH",
    tests: ["test/journal/query.test.ts"],
  },
  ...stubs(
    "src/followers/read-story.ts",
    ["test/reports/read-story.test.ts"],
    [
      {
        name: "documents need all samples of a year in memory",
        find: 'if (begun || event.kind !== "replication.sampled") story.push(event);',
        replace: "if (begun || event) story.push(event);",
      },
      {
        name: "documents forget the samples of their incident",
        find: "begun ||= event.at >= startedAt;",
        replace: "begun ||= event.at === startedAt && event.seq < 0;",
      },
    ],
  ),
  {
    name: "decisions are made on events that were changed",
    file: "src/journal/standing.ts",
    find: "const reason = checkSeal(stored);",
    replace: "const reason = undefined;",
    tests: JOURNAL,
  },
  ...stubs("src/journal/journal.ts", JOURNAL, [
    {
      name: "a commit goes without its fence",
      find: "await store.append({ ...request, ...(fence && { fence }) })",
      replace: "await store.append(request)",
    },
    {
      name: "a commit that lost to another is not decided again",
      only: "decides again on the newer state",
      find: "if (await attempt(batch)) return;",
      replace: "{ await attempt(batch); return; }",
    },
  ]),
  ...stubs("src/journal/ahead.ts", JOURNAL, [
    {
      name: "nothing is redacted before it is written",
      find: "data: redact(parsed.data)",
      replace: "data: parsed.data",
    },
    {
      name: "what was foretold is written though it was decided on another state",
      find: "if (before?.on === on) return before;",
      replace: "if (before) return before;",
    },
  ]),
  {
    name: "what cannot be taken back is begun on what does not stand",
    file: "src/runs/executor.ts",
    find: "if (planned && !isIrreversible(planned, actions)) begin(step, ahead);",
    replace: "begin(step, ahead);",
    tests: ["test/runs/ahead.test.ts"],
  },
  {
    name: "redaction finds no secret",
    file: "src/journal/redact.ts",
    find: "return redactValue(value, 0) as T;",
    replace: "return value;",
    tests: ["test/journal/redact.test.ts"],
  },
  ...stubs("adapters/store/sqlite-events.ts", STORE, [
    {
      name: "what was just written is not read",
      find: "newestSeq = Math.max(newestSeq, last.seq);",
      replace: "",
    },
    {
      name: "a fact that stands is written again",
      find: 'if (existing) return { outcome: "duplicate", existing };',
      replace: "",
    },
    {
      name: "a stale decision is written",
      find: 'if (version !== request.expectedVersion) return duplicate(request) ?? { outcome: "conflict", version };',
      replace: "",
    },
  ]),
  ...stubs("adapters/store/sqlite-leases.ts", STORE, [
    {
      name: "every fence of a lease holds",
      find: "return holds ? undefined : (row?.epoch ?? 0);",
      replace: "return undefined;",
    },
    {
      name: "a lease that somebody holds is given away",
      find: "if (held && row.holder !== holder) return undefined;",
      replace: "",
    },
    {
      name: "a lease keeps its epoch when it changes hands",
      find: "const epoch = held ? row.epoch : (row?.epoch ?? 0) + 1;",
      replace: "const epoch = 1;",
    },
  ]),
  ...stubs(
    "src/journal/backup.ts",
    ["test/journal/backup.test.ts"],
    [
      {
        name: "a damaged backup is taken in",
        find: 'if (reason !== undefined) throw damaged("The backup", last.seq + 1, reason);',
        replace: "",
      },
      {
        name: "a backup that was cut off is taken in",
        find: 'if (!ended) throw damaged("The backup", last.seq + 1, "the file ends before it");',
        replace: "",
      },
    ],
  ),
  {
    name: "a restore goes over what is left of a journal",
    file: "adapters/store/sqlite-restore.ts",
    find: "if (![file, `${file}-wal`, `${file}-shm`].some((path) => existsSync(path))) return;",
    replace: "return;",
    tests: ["test/journal/backup.test.ts"],
  },
  {
    name: "old forms of events are not brought to the present one",
    file: "src/journal/standing.ts",
    find: "return upcastEvent(stored, upcasters) as DomainEvent;",
    replace: "return stored as unknown as DomainEvent;",
    tests: ["test/journal/old-journals.test.ts"],
  },
  {
    name: "a report reads all of a long journal",
    file: "src/followers/read-incident.ts",
    find: "if (!background) return await readStory(",
    replace: "if (!background || upTo > 0) return await readStory(",
    tests: ["test/reports/long-journal.test.ts"],
  },
  {
    name: "a report forgets what was so before its incident",
    file: "src/followers/read-incident.ts",
    find: "return [...earlier, ...(await collect(journal, after, upTo))];",
    replace: "return await collect(journal, after, upTo);",
    tests: ["test/reports/long-journal.test.ts"],
  },
];
