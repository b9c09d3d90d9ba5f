import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attachLab, isAlive } from "../../lab/client.ts";
import { labPaths } from "../../lab/world/files.ts";
import { pickPorts } from "../../lab/world/ports.ts";
import { eventually } from "../lab/eventually.ts";
import { allGone } from "../lab/try-world.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SERVER = join(ROOT, "test", "fixtures", "lab", "server.ts");

interface Run {
  child: ChildProcess;
  output(): string;
  /** The exit code. */
  ended: Promise<number | null>;
}

describe("npm start", () => {
  let data: string;
  let port: number;
  let runs: Run[];

  beforeEach(async () => {
    data = join(mkdtempSync(join(tmpdir(), "muster-start-")), "data");
    port = (await pickPorts(1))[0]!;
    runs = [];
  });

  afterEach(async () => {
    for (const { child } of runs) child.kill("SIGKILL");
    await (await attachLab(data).catch(() => undefined))?.stop();
    rmSync(join(data, ".."), { recursive: true, force: true });
  });

  function run(verb: "start" | "reset", args: string[] = [], env: Record<string, string> = {}): Run {
    const child = spawn(process.execPath, [join(ROOT, "lab", `${verb}.ts`), "--data", data, ...args], {
      env: { ...process.env, MUSTER_LAB_SERVER: SERVER, MUSTER_PORT: String(port), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const ended = once(child, "close").then(([code]) => code as number | null);
    const started = { child, output: () => output, ended };
    runs.push(started);
    return started;
  }

  const ready = (one: Run) => eventually(() => expect(one.output()).toContain("Ctrl-C ends everything"), 15_000);
  const serverPid = async () => ((await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { pid: number }).pid;

  it("says where it is, ends everything at Ctrl-C within 5 s, and goes on with the same world", async () => {
    const before = performance.now();
    const first = run("start");
    await ready(first);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(first.output()).toContain(`Muster is ready: http://127.0.0.1:${port}`);
    const state = await (await attachLab(data))!.state();
    const pids = [state.pid, await serverPid(), ...state.processes.map(({ pid }) => pid)];
    const asked = performance.now();
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    await allGone(pids, 500);

    const second = run("start");
    await ready(second);
    expect((await (await attachLab(data))!.state()).addresses).toEqual(state.addresses);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  });

  it("starts a Slack beside it on request, with the lab's people in it, and forgets neither them nor what was said", async () => {
    const page = (one: Run) => /Slack, emulated: (\S+)/.exec(one.output())?.[1] ?? "";
    const slackOfServer = async () =>
      ((await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { slack?: string }).slack;
    const first = run("start", ["--slack-emulator"]);
    await ready(first);
    expect(await slackOfServer()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/$/);
    expect(readFileSync(labPaths(data).people, "utf8")).toContain("slack: T0LAB/U002");
    await fetch(`${page(first)}/say`, { method: "POST", body: new URLSearchParams({ as: "operator", text: "hello" }) });
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);

    const second = run("start", ["--slack-emulator"]);
    await ready(second);
    expect(await (await fetch(page(second))).text()).toContain("hello");
    second.child.kill("SIGKILL");
    await second.ended;

    // What the killed one left must not be used.
    const third = run("start");
    await ready(third);
    expect(await slackOfServer()).toBeUndefined();
  });

  it("starts a Teams beside it on request, with the lab's people in it", async () => {
    const one = run("start", ["--teams-emulator"]);
    await ready(one);
    const page = /Teams, emulated: (\S+)/.exec(one.output())?.[1] ?? "";
    expect(await (await fetch(page)).text()).toContain("Your chat with Muster");
    const { teams } = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { teams?: string };
    expect(teams).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(labPaths(data).people, "utf8")).toContain("teams: 11111111-1111-4111-8111-111111111111/");
    one.child.kill("SIGINT");
    expect(await one.ended).toBe(0);
  });

  it("leaves the world running when the server is killed, and attaches to it at the next start", async () => {
    const first = run("start");
    await ready(first);
    const { pid } = (await attachLab(data))!;
    process.kill(await serverPid(), "SIGKILL");
    expect(await first.ended).toBe(1);
    expect(first.output()).toContain("SIGKILL");
    expect(first.output()).toContain("The lab's world goes on running. `npm start` goes on from there.");
    const second = run("start");
    await ready(second);
    expect(second.output()).toContain("The lab was still running");
    expect((await attachLab(data))!.pid).toBe(pid);
  });

  it("goes on when the log cannot be kept any more, and says so once", async () => {
    const first = run("start");
    await ready(first);
    const log = join(data, "server.log");
    rmSync(log);
    mkdirSync(log);
    const lines = () => first.output().match(/a line of the log|The log is not kept any more/g) ?? [];
    for (const count of [2, 3]) {
      await fetch(`http://127.0.0.1:${port}/log`);
      await eventually(() => expect(lines()).toHaveLength(count), 5_000);
    }
    expect(first.output()).toContain("The log is not kept any more: EISDIR");
    expect(first.child.exitCode).toBeNull();
  });

  it("lets the server end with it, and not the world, when it is itself killed", async () => {
    const first = run("start");
    await ready(first);
    const server = await serverPid();
    first.child.kill("SIGKILL");
    await allGone([server], 3000);
    expect(isAlive((await attachLab(data))!.pid)).toBe(true);
  });

  it("passes on why the server refuses to start, and ends the world that it had started", async () => {
    const refused = run("start", [], { TEST_REFUSE: "The plan has 2 problems." });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toBe("The plan has 2 problems.\n");
    expect(await attachLab(data)).toBeUndefined();
  });

  it("leaves a world that ran before as it is when the server refuses to start", async () => {
    const first = run("start");
    await ready(first);
    process.kill(await serverPid(), "SIGKILL");
    await first.ended;
    const refused = run("start", [], { TEST_REFUSE: "No." });
    expect(await refused.ended).toBe(1);
    expect(await attachLab(data)).toBeDefined();
  });

  describe("gives one clear message and exit code 1", () => {
    async function refusal(args: string[] = []): Promise<string> {
      const refused = run("start", args);
      expect(await refused.ended).toBe(1);
      expect(refused.output()).not.toMatch(/^\s+at /m);
      return refused.output();
    }

    it("when a port that the lab keeps is taken", async () => {
      const first = run("start");
      await ready(first);
      first.child.kill("SIGINT");
      await first.ended;
      const { ports } = JSON.parse(readFileSync(labPaths(data).state, "utf8"));
      const intruder = createServer().listen(ports.front, "127.0.0.1");
      await once(intruder, "listening");
      const said = await refusal();
      intruder.close();
      expect(said).toContain(`Port ${ports.front}`);
      expect(said).toContain("npm run reset");
    });

    it("when its state is damaged", async () => {
      mkdirSync(labPaths(data).lab, { recursive: true });
      writeFileSync(labPaths(data).state, "{ half");
      expect(await refusal()).toContain("npm run reset");
    });

    it("when the world that runs does not answer", async () => {
      const first = run("start");
      await ready(first);
      const { pid } = (await attachLab(data))!;
      process.kill(await serverPid(), "SIGKILL");
      await first.ended;
      process.kill(pid, "SIGSTOP");
      const said = await refusal();
      process.kill(pid, "SIGKILL");
      expect(said).toContain(`(process ${pid}) runs and does not answer`);
    });

    it("when the data directory is a file", async () => {
      writeFileSync(data, "");
      expect(await refusal()).toContain("The data directory cannot be used");
    });

    it("when it is asked for what is no port, or for what it does not know", async () => {
      expect(await refusal(["--port", "99999"])).toContain("99999 is not a port");
      expect(await refusal(["--nonsense"])).toContain("--nonsense");
    });
  });

  describe("npm run reset", () => {
    it("refuses while Muster runs, stops a world that was left, and deletes", async () => {
      const first = run("start");
      await ready(first);
      const refused = run("reset", ["--yes"]);
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toContain("nothing was deleted");
      const { pid } = (await attachLab(data))!;
      process.kill(await serverPid(), "SIGKILL");
      await first.ended;
      const done = run("reset", ["--yes"]);
      expect(await done.ended).toBe(0);
      expect(existsSync(data)).toBe(false);
      await allGone([pid], 2000);
    });

    it("deletes nothing without a yes, and nothing that is not Muster's", async () => {
      mkdirSync(labPaths(data).lab, { recursive: true });
      const asking = run("reset");
      expect(await asking.ended).toBe(1);
      expect(asking.output()).toContain("npm run reset -- --yes");
      rmSync(labPaths(data).lab, { recursive: true });
      writeFileSync(join(data, "precious"), "x");
      const foreign = run("reset", ["--yes"]);
      expect(await foreign.ended).toBe(1);
      expect(existsSync(join(data, "precious"))).toBe(true);
    });
  });
});
