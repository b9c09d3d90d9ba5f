import { rmSync } from "node:fs";
import type { Fault } from "../control-planes/http.ts";
import { createKubernetesApi } from "../control-planes/kubernetes.ts";
import { createRoute53 } from "../control-planes/route53.ts";
import { listenWith, portInUse } from "../http.ts";
import { createControl } from "./control.ts";
import { API_NAME, edgeHost, HOSTED_ZONE_ID } from "./definition.ts";
import { applyFault, parseFault } from "./faults.ts";
import { labPaths, type WorldFile, writeMusterFiles } from "./files.ts";
import { createFront } from "./front.ts";
import { newWorld } from "./new-world.ts";
import type { WorldOptions } from "./options.ts";
import { isFree } from "./ports.ts";
import { createProcesses } from "./processes.ts";
import { findRedis } from "./redis-server.ts";
import { createRegion, type LabRegion } from "./region.ts";
import { createResolver } from "./resolver.ts";
import { createStateFile, readState, type WorldState, writeAtomically } from "./state.ts";
import { createTraffic } from "./traffic.ts";
import type { LabState } from "./view.ts";

const LOOK_EVERY_MS = 500;
const KEPT_ERAS = 200;
const PORT_WAIT_MS = 2000;

/** Starts the world of a data directory, or goes on with it. Resolves when its doors are open; pods may still start. */
export async function startWorld(options: WorldOptions, onEnd: () => void): Promise<{ stop(): Promise<void> }> {
  const paths = labPaths(options.data);
  const kept = readState(paths.state);
  const state = kept ?? (await newWorld(Date.now()));
  if (kept) await keptPortsAreFree(kept);
  const stateFile = createStateFile(paths.state, state);
  stateFile.flush();
  writeMusterFiles(options.data, state);

  const processes = createProcesses(paths.lab);
  const flavour = findRedis(options.redis);
  const startedAt = new Date().toISOString();
  let heardAt = performance.now();
  let stopping: Promise<void> | undefined;

  const route53 = createRoute53({
    zones: state.zones,
    propagationMs: options.propagationMs,
    onChange: () => {
      state.zones = route53.snapshot();
      stateFile.changed();
    },
  });
  const hosts = Object.fromEntries(
    state.regions.map(({ code, ports }) => [edgeHost(code), { region: code, address: `127.0.0.1:${ports.edge}` }]),
  );
  const resolver = createResolver({ records: () => route53.effective(HOSTED_ZONE_ID), hosts });
  const apiFaults = new Map<string, (mode: Fault) => void>([["route53", route53.setFault]]);

  const regions = new Map<string, LabRegion>();
  for (const one of state.regions) {
    const kubernetes = createKubernetesApi({
      token: state.tokens.kubernetes,
      deployments: one.deployments.map((deployment) => ({ ...deployment, readyReplicas: 0 })),
      onScale: (_namespace, _name, replicas) => regions.get(one.code)?.scale(replicas),
      onChange: () => {
        one.deployments = kubernetes.snapshot();
        stateFile.changed();
      },
    });
    apiFaults.set(`kubernetes:${one.code}`, kubernetes.setFault);
    const { port: kubernetesPort } = await listenWith(kubernetes.handler, 0, `Kubernetes API of ${one.code}`);
    const region = createRegion({
      state: one,
      all: state.regions,
      directory: paths.lab,
      processes,
      flavour,
      kubernetes,
      kubernetesPort,
      podReadyMs: options.podReadyMs,
      onChange: stateFile.changed,
      onFatal: (summary) => console.error(`${one.code}: ${summary}`),
    });
    regions.set(one.code, region);
  }
  for (const [api, mode] of Object.entries(state.apiFaults)) apiFaults.get(api)?.(mode);

  const traffic = createTraffic(
    processes,
    {
      resolverPort: state.ports.resolver,
      name: API_NAME,
      rate: options.writesPerSecond,
      honouringClients: 6,
      stickyClients: 2,
    },
    () => {
      state.trafficStarts++;
      stateFile.changed();
      return state.trafficStarts;
    },
  );

  const view = (): LabState => ({
    startedAt,
    pid: process.pid,
    traffic: { pid: traffic.pid() },
    addresses: addressesOf(state),
    redis: { flavour: flavour.flavour, label: flavour.label },
    primary: state.eras.at(-1)!.region,
    eras: state.eras.map(({ region, since }) => ({ region, since: new Date(since).toISOString() })),
    regions: [...regions.values()].map((region) => region.view()),
    zones: state.zones,
    effective: route53.effective(HOSTED_ZONE_ID),
    apiFaults: state.apiFaults,
    processes: processes.list(),
  });

  const targets = {
    state,
    regions,
    setApiFault: (api: string, mode: Fault) => apiFaults.get(api)?.(mode),
    onChange: stateFile.changed,
  };

  const control = createControl(state.tokens.control, {
    "GET /state": view,
    "GET /traffic": () => traffic.stats(),
    "POST /faults": async (body) => ({ changed: await applyFault(parseFault(body), targets) }),
    "POST /traffic/verify": async () => {
      await look();
      const { region } = state.eras.at(-1)!;
      return traffic.verify(state.eras, { region, port: regions.get(region)!.state.ports.redisServer });
    },
    "POST /heartbeat": () => {
      heardAt = performance.now();
      return { ok: true };
    },
    "POST /stop": () => {
      setTimeout(stop, 10);
      return { stopping: true, pid: process.pid };
    },
  });

  /** Notices what became of each Redis; a promotion begins an era. */
  async function look(): Promise<void> {
    await Promise.all(
      [...regions.values()].map(async (region) => {
        if ((await region.look()) !== "promoted") return;
        state.eras = [...state.eras, { region: region.state.code, since: Date.now() }].slice(-KEPT_ERAS);
        stateFile.changed();
      }),
    );
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      clearInterval(looking);
      await look();
      for (const region of regions.values()) region.close();
      stateFile.flush();
      await processes.killAll();
      stateFile.flush();
      rmSync(paths.world, { force: true });
      onEnd();
    })();
    return stopping;
  }

  const looking = setInterval(() => {
    void look();
    if (performance.now() - heardAt > options.idleMs) void stop();
  }, LOOK_EVERY_MS);

  await listenWith(control, state.ports.control, "lab control");
  await listenWith(createFront(resolver), state.ports.front, "public name");
  await listenWith(resolver.handler, state.ports.resolver, "lab resolver");
  await listenWith(route53.handler, state.ports.route53, "Route 53 API");
  const worldFile: WorldFile = {
    pid: process.pid,
    controlUrl: `http://127.0.0.1:${state.ports.control}`,
    token: state.tokens.control,
    startedAt,
  };
  writeAtomically(paths.world, JSON.stringify(worldFile, null, 2));
  for (const region of regions.values()) region.start();
  traffic.start();
  return { stop };
}

function addressesOf({ ports }: WorldState): Record<string, string> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `http://127.0.0.1:${port}`]));
}

/** A world that was killed a moment ago may still be leaving its ports. */
async function keptPortsAreFree({ ports, regions }: WorldState): Promise<void> {
  const wanted = [
    ...Object.entries(ports).map(([name, port]) => ({ what: name, port })),
    ...regions.flatMap(({ code, ports }) =>
      Object.entries(ports).map(([name, port]) => ({ what: `${name} of ${code}`, port })),
    ),
  ];
  const deadline = performance.now() + PORT_WAIT_MS;
  for (const { what, port } of wanted) {
    while (!(await isFree(port))) {
      if (performance.now() > deadline) throw portInUse(port, what);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
