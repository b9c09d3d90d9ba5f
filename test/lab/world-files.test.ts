import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { serverEnvironment } from "../../lab/server.ts";
import { parseFault } from "../../lab/world/faults.ts";
import { labPaths, writeMusterFiles } from "../../lab/world/files.ts";
import { newWorld } from "../../lab/world/new-world.ts";
import { isFree, pickPorts } from "../../lab/world/ports.ts";
import { createStateFile, readState } from "../../lab/world/state.ts";
import { AppError } from "../../src/errors.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "muster-lab-files-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describe("The files for Muster", () => {
  it("name the gates, one kubeconfig context per region, and one token per principal", async () => {
    const state = await newWorld(Date.now());
    const paths = labPaths(data);
    writeMusterFiles(data, state);
    const vars = parse(readFileSync(paths.vars, "utf8"));
    const kubeconfig = parse(readFileSync(paths.kubeconfig, "utf8"));
    const { people } = parse(readFileSync(paths.people, "utf8"));
    const tokens = JSON.parse(readFileSync(paths.tokens, "utf8"));
    const home = state.regions[0]!.ports;
    expect(vars.regions["us-east-1"]).toEqual({
      edge: `http://127.0.0.1:${home.edge}`,
      redis: `redis://127.0.0.1:${home.redis}`,
    });
    expect(kubeconfig.contexts.map(({ name }: { name: string }) => name)).toEqual(["us-east-1", "eu-central"]);
    expect(kubeconfig.clusters[0].cluster.server).toBe(`http://127.0.0.1:${home.kubernetes}`);
    expect(Object.keys(tokens)).toEqual(["observer", "operator", "approver-1", "approver-2", "commander"]);
    for (const { id, tokens: kept } of people) {
      expect(kept[0].sha256).toBe(createHash("sha256").update(tokens[id]).digest("hex"));
    }
    expect(people.find(({ id }: { id: string }) => id === "approver-1").roles).toEqual(["observer", "approver"]);
    for (const path of [paths.tokens, paths.kubeconfig, paths.environment]) expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("keep their tokens when they are written again", async () => {
    const state = await newWorld(Date.now());
    writeMusterFiles(data, state);
    const before = readFileSync(labPaths(data).tokens, "utf8");
    writeMusterFiles(data, state);
    expect(readFileSync(labPaths(data).tokens, "utf8")).toBe(before);
  });

  it("never let the credentials of the user's own cloud reach the server", async () => {
    const state = await newWorld(Date.now());
    writeMusterFiles(data, state);
    const mine = {
      AWS_PROFILE: "prod",
      AWS_SESSION_TOKEN: "t",
      AWS_ACCESS_KEY_ID: "mine",
      KUBECONFIG: "/mine",
      PATH: "p",
    };
    const env = serverEnvironment(data, 4646, mine);
    expect(Object.values(env)).not.toContain("mine");
    expect(env).not.toHaveProperty("AWS_PROFILE");
    expect(env).not.toHaveProperty("AWS_SESSION_TOKEN");
    expect(env).toMatchObject({ KUBECONFIG: labPaths(data).kubeconfig, MUSTER_PORT: "4646", PATH: "p" });
    expect(env.AWS_ENDPOINT_URL_ROUTE_53).toBe(`http://127.0.0.1:${state.ports.route53}`);
  });
});

describe("The state file", () => {
  it("is read as it was written, many changes at once", async () => {
    const state = await newWorld(Date.now());
    const path = labPaths(data).state;
    const file = createStateFile(path, state);
    state.regions[0]!.killed = true;
    file.changed();
    state.apiFaults.route53 = "hang";
    file.flush();
    expect(readState(path)).toEqual(state);
    expect(readState(join(data, "none.json"))).toBeUndefined();
  });

  it.each(["", "{", '{"version":2,"regions":[]}', "null"])("is refused with one message when it says %j", (text) => {
    const path = join(data, "state.json");
    writeFileSync(path, text);
    expect(() => readState(path)).toThrow(AppError);
    expect(() => readState(path)).toThrow(/damaged or of another version/);
  });
});

describe("Ports", () => {
  it("are different, free, and below those that systems give to outgoing connections", async () => {
    const ports = await pickPorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port >= 20_000 && port < 32_768).toBe(true);
    const server = createServer().listen(ports[0], "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    expect(await isFree(ports[0]!)).toBe(false);
    expect(await isFree(ports[1]!)).toBe(true);
    server.close();
  });

  it("are given to one world only, though it does not listen on them yet", async () => {
    const [first] = (await pickPorts(1)) as [number];
    expect(await isFree(first)).toBe(true);
    // Whoever is offered it next goes on until another one is offered.
    let offered = first;
    const [second] = await pickPorts(1, () => {
      const port = offered;
      offered = offered === 31_999 ? 20_000 : offered + 1;
      return port;
    });
    expect(second).not.toBe(first);
  });
});

describe("An order for a fault", () => {
  it.each([
    { kind: "kill", region: "us-east-1" },
    { kind: "slow", region: "eu-central", delayMs: 100 },
    { kind: "replication-lag", region: "us-east-1", lagMs: 0 },
    { kind: "break-api", api: "kubernetes:eu-central", mode: "hang" },
    { kind: "mend-api", api: "route53" },
  ])("may be %j", (order) => {
    expect(parseFault(order)).toEqual(order);
  });

  it.each([
    [undefined, /kind must be one of kill/],
    [{ kind: "explode" }, /kind must be one of kill/],
    [{ kind: "kill", region: "mars" }, /region must be one of us-east-1, eu-central/],
    [{ kind: "kill" }, /region must be one of/],
    [{ kind: "kill", region: "us-east-1", delayMs: 1 }, /delayMs/],
    [{ kind: "slow", region: "us-east-1", delayMs: -1 }, /delayMs/],
    [{ kind: "slow", region: "us-east-1", delayMs: null }, /delayMs/],
    [{ kind: "replication-lag", region: "us-east-1", lagMs: 1e9 }, /lagMs/],
    [{ kind: "break-api", api: "s3", mode: "hang" }, /api must be one of route53, kubernetes:us-east-1/],
    [{ kind: "break-api", api: "route53", mode: "sing" }, /mode/],
  ])("is refused with its reason: %j", (order, reason) => {
    expect(() => parseFault(order)).toThrow(reason);
  });
});
