import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabClient, startLab } from "../../lab/client.ts";
import { type Outside, startOutside } from "../../lab/outside/outside.ts";
import { createMuster, type MusterClient } from "../../lab/rehearsal/muster.ts";
import { type Server, startServer } from "../../lab/server.ts";
import type { AppState } from "../../src/state.ts";
import type { PublicPage } from "../../src/status-page/views.ts";
import { eventually } from "../lab/eventually.ts";

let data: string;
let lab: LabClient;
let outside: Outside;
let server: Server;
let set: string[] = [];
const log: string[] = [];

function give(environment: Record<string, string>): void {
  Object.assign(process.env, environment);
  set = [...set, ...Object.keys(environment)];
}

async function startMuster(): Promise<MusterClient> {
  server = startServer(data, 0, (line) => log.push(line));
  const url = await server.ready;
  if (url === undefined) throw new Error(`the server did not become ready: ${log.join("\n")}`);
  return createMuster(url, data);
}

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "muster-comms-kill-"));
  ({ lab } = await startLab(data));
  outside = await startOutside(["Question answering"]);
  give({
    ...outside.environment,
    MUSTER_REPORTS: join(data, "reports"),
    MUSTER_STATUS_PAGE: join(data, "page"),
    // A successor waits for it.
    MUSTER_LEASE_MS: "2000",
  });
});

afterEach(async () => {
  for (const name of set) delete process.env[name];
  set = [];
  await server.stop(3_000);
  await outside.close();
  await lab.stop();
  rmSync(data, { recursive: true, force: true });
});

const INVESTIGATING = "inc-1/investigating";

/** Of a world that a server had seen well. */
async function regionDies(): Promise<void> {
  const muster = await startMuster();
  const isReady = ({ readiness }: AppState) => Object.values(readiness).some(({ status }) => status === "ready");
  await muster.until("a ready failover", isReady, 60_000);
  await lab.fault({ kind: "kill", region: "us-east-1" });
}

/** A region dies; the server is killed at some moment of what follows and started again. */
async function dies(killed: Promise<unknown>): Promise<MusterClient> {
  await regionDies();
  await killed;
  return await startMuster();
}

/** Kills the server while the other side is about to say that it has done it. */
async function kill(): Promise<void> {
  process.kill(server.pid ?? 0, "SIGKILL");
  await server.exited;
}

/** Long enough for a page that asks whoever begins anew within its second to wait for a minute. */
const until = (muster: MusterClient, what: string, holds: (state: AppState) => boolean) =>
  muster.until(what, holds, 90_000);
const isSent =
  (destination: string, updateId = INVESTIGATING) =>
  ({ comms }: AppState) =>
    comms["inc-1"]?.updates[updateId]?.sent[destination] !== undefined;

describe("kill -9 of the server between telling the public and the note of it", () => {
  it("leaves one incident with one update on Statuspage", async () => {
    const killed = new Promise<void>((resolve) => {
      outside.statuspage.beforeAnswer = async (request) => {
        if (request !== "POST incidents") return;
        outside.statuspage.beforeAnswer = undefined;
        await kill();
        resolve();
      };
    });
    const muster = await dies(killed);
    expect(outside.statuspage.incidents).toHaveLength(1);
    // At a request a second the second update may have overtaken the first one before anything was posted.
    const [posted] = outside.statuspage.incidents[0]?.incident_updates ?? [];
    const updateId = `inc-1/${posted?.status}`;
    await until(muster, `${updateId} to be known as posted`, isSent("statuspage", updateId));
    expect(outside.statuspage.incidents).toHaveLength(1);
    const texts = outside.statuspage.incidents[0]?.incident_updates.filter(({ body }) => body === posted?.body);
    expect(texts).toHaveLength(1);
  });

  it("leaves one update in the files of Muster's own page", async () => {
    give({ MUSTER_TEST_FAILPOINT: `kill before comms/${INVESTIGATING}/sent/page` });
    const page = () => {
      const path = join(data, "page", "status.json");
      return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as PublicPage) : undefined;
    };
    await regionDies();
    // The file stands, the journal does not say so, and the server is gone.
    expect((await server.exited).signal).toBe("SIGKILL");
    expect(page()?.incidents).toHaveLength(1);
    delete process.env.MUSTER_TEST_FAILPOINT;
    const muster = await startMuster();
    await until(muster, "the update to be known as posted", isSent("page"));
    await eventually(async () => expect((await muster.statusPage()).incidents).toHaveLength(1), 10_000);
    for (const shown of [page(), await muster.statusPage()]) {
      const stages = shown?.incidents.flatMap(({ updates }) => updates.map(({ stage }) => stage)) ?? [];
      expect(stages.filter((stage) => stage === "investigating")).toHaveLength(1);
    }
  });

  it("sends a mail again under the same Message-ID, by which a reader knows the repeat", async () => {
    const killed = new Promise<void>((resolve) => {
      outside.mail.beforeAnswer = async () => {
        outside.mail.beforeAnswer = undefined;
        await kill();
        resolve();
      };
    });
    const muster = await dies(killed);
    const arrived = ({ deliveries }: AppState) => (deliveries["mail:stakeholders"]?.sent.length ?? 0) > 0;
    await until(muster, "the mail to be known as sent", arrived);
    const first = outside.mail.mails.filter(({ parsed }) => parsed.subject?.startsWith("Investigating"));
    expect(first).toHaveLength(2);
    const [one, again] = first.map(({ parsed: { messageId, subject, text }, recipients }) => {
      return { messageId, subject, text, recipients };
    });
    expect(one?.messageId).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
    expect(again?.messageId).toBe(one?.messageId);
    expect(again?.recipients).toEqual(["support@example.org", "leadership@example.org"]);
  });
});
