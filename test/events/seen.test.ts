import { describe, expect, it } from "vitest";
import { inWords, seenInWords } from "../../src/events/seen.ts";

const HISTORY = "2f39cb62b1bc3283da75014ad7c9a1d5958d6b6f";
const store = {
  role: "primary",
  history: HISTORY,
  runId: HISTORY,
  position: 7_162,
  keys: 14,
  loading: false,
  minReplicasToWrite: 0,
  minReplicasMaxLagSeconds: 10,
  goodReplicas: 1,
  writableReplica: false,
  fenced: false,
  takesWrites: true,
};
const link = { primary: "127.0.0.1:26570", up: true, syncing: false };
const replica = { ...store, role: "replica", takesWrites: false, link };
const record = { ttl: 60_000, values: ["edge.us-east-1.example"] };
const weighted = (setIdentifier: string, weight: number) => ({ ...record, setIdentifier, weight });
const deployment = { exists: true, replicas: 2, readyReplicas: 2, observed: true, resourceVersion: "3" };

describe("what a recovery action saw", () => {
  it.each([
    ["a deployment on its way", deployment, { replicas: 10 }, "2 of 10 replicas, 2 ready"],
    ["a deployment as wanted", deployment, { replicas: 2 }, "2 replicas, 2 ready"],
    [
      "a deployment that nobody acts on",
      { ...deployment, observed: false },
      {},
      "2 replicas, 2 ready, not acted on yet",
    ],
    ["no deployment", { exists: false }, { replicas: 10 }, "does not exist"],
    ["a primary", store, {}, "primary, takes writes, 7,162 bytes"],
    ["a fenced primary", { ...store, fenced: true, takesWrites: false }, {}, "primary, fenced, 7,162 bytes"],
    [
      "a primary without enough replicas",
      { ...store, takesWrites: false },
      {},
      "primary, takes no writes, 7,162 bytes",
    ],
    ["a replica", replica, {}, "replica of 127.0.0.1:26570, link up, 7,162 bytes"],
    [
      "a replica that clients may write to, with its link down",
      { ...replica, takesWrites: true, link: { ...link, up: false }, loading: true },
      {},
      "replica of 127.0.0.1:26570, link down, loading its data, takes writes, 7,162 bytes",
    ],
    [
      "a follower",
      { follower: replica, primary: store, behind: 0, ahead: false },
      {},
      "replica of 127.0.0.1:26570, link up, 7,162 bytes, caught up",
    ],
    [
      "a follower that lags",
      { follower: replica, primary: store, behind: 310, ahead: false },
      {},
      "replica of 127.0.0.1:26570, link up, 7,162 bytes, 310 bytes behind",
    ],
    [
      "a follower of something else",
      { follower: { ...replica, history: "x" }, primary: store, behind: 0, ahead: true },
      {},
      "replica of 127.0.0.1:26570, link up, 7,162 bytes, not the primary's history",
    ],
    [
      "a copy that was saved",
      { file: "/data/diverged-run-2.rdb", saving: false, lastStatus: "ok", history: HISTORY },
      {},
      "copy in /data/diverged-run-2.rdb, last save ok",
    ],
    [
      "weighted records on their way",
      { records: [weighted("us-east-1", 100), weighted("eu-central", 0)], propagation: "PENDING" },
      { name: "api.genai-api.example" },
      "api.genai-api.example: us-east-1 100, eu-central 0; not everywhere yet",
    ],
    ["one record", { records: [record], propagation: "INSYNC" }, {}, "edge.us-east-1.example; in sync"],
    ["no record", { records: [] }, { name: "a.example" }, "a.example: no record"],
    ["good answers", { good: 3, detail: "HTTP 200, 8/8 ready" }, {}, "3 good answers in a row: HTTP 200, 8/8 ready"],
    ["a bad answer", { good: 0, detail: "connect refused" }, {}, "connect refused"],
    [
      "a bake",
      { elapsedMs: 12_000, stats: { windowSeconds: 10, requests: 120, errors: 3 } },
      {},
      "3 of 120 requests failed in the last 10 s",
    ],
    ["a bake without figures", { elapsedMs: 12_000 }, {}, "watched for 12 s"],
    ["a bake that has not begun", { elapsedMs: 0 }, {}, "not begun"],
    ["nothing", undefined, {}, ""],
  ])("is said as a person wants to read it: %s", (_, seen, want, text) => expect(seenInWords(seen, want)).toBe(text));

  it("is cut where a list is long", () => {
    const records = ["a", "b", "c", "d", "e"].map((name, weight) => weighted(name, weight));
    expect(seenInWords({ records })).toBe("a 0, b 1, c 2, d 3, …");
    expect(seenInWords({ good: 1, detail: "x".repeat(500) })).toHaveLength(200);
  });

  it("is said field by field where the shape is new, without what means nothing to people", () => {
    const seen = { role: "secondary", history: HISTORY, resourceVersion: "3", set: HISTORY, link: { up: true } };
    expect(seenInWords(seen)).toBe("role secondary, set 2f39cb62…, link (up true)");
  });
});

describe("an input", () => {
  it("is said in words, with units and with its lists cut", () => {
    expect(inWords({ ttl: 60_000, records: [weighted("us-east-1", 0), weighted("eu-central", 100)] })).toBe(
      "ttl 1 m, records (us-east-1 0 + eu-central 100)",
    );
    expect(inWords({ values: ["a", "b", "c", "d", "e"] })).toBe("values (a + b + c + d + …)");
    expect(inWords("x".repeat(500))).toHaveLength(160);
    expect(inWords(undefined)).toBe("");
  });
});
