import { rmSync } from "node:fs";
import { listenWith } from "../http.ts";
import { createControl } from "./control.ts";
import { API_NAME, edgeHost, HOSTED_ZONE_ID } from "./definition.ts";
import { labPaths, type WorldFile, writeMusterFiles } from "./files.ts";
import { createFront } from "./front.ts";
import { newWorld } from "./new-world.ts";
import type { WorldOptions } from "./options.ts";
import { type ControlPlanes, createControlPlanes } from "./planes.ts";
import { keptPortsAreFree } from "./ports.ts";
import { createProcesses } from "./processes.ts";
import { findRedis } from "./redis-server.ts";
import { createRegion, type LabRegion } from "./region.ts";
import { createResolver } from "./resolver.ts";
import { routes, type WorldParts } from "./routes.ts";
import { createStateFile, readState, type WorldState, writeAtomically } from "./state.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

const LOOK_EVERY_MS = 500;
const KEPT_ERAS = 200;
const CLIENTS_WAIT_MS = 5000;
const HONOURING_CLIENTS = 6;
const STICKY_CLIENTS = 2;

/** Starts the world of a data directory, or goes on with it. Resolves when its doors are open; pods may still start. */
export async function startWorld(options: WorldOptions, onEnd: () => void): Promise<{ stop(): Promise<void> }> {
  const paths = labPaths(options.data);
  const state = await stateOf(paths.state);
  const stateFile = createStateFile(paths.state, state);
  stateFile.flush();
  writeMusterFiles(options.data, state);
  const parts = await createParts(options, state, stateFile);
  const { regions, processes, traffic } = parts;
  let heardAt = performance.now();
  let stopping: Promise<void> | undefined;

  const tick = setInterval(() => {
    void parts.look();
    if (performance.now() - heardAt > options.idleMs) void stop();
  }, LOOK_EVERY_MS);

  function stop(): Promise<void> {
    stopping ??= (async () => {
      clearInterval(tick);
      await parts.look();
      for (const region of regions.values()) region.close();
      await processes.killAll();
      stateFile.flush();
      rmSync(paths.world, { force: true });
      onEnd();
    })();
    return stopping;
  }

  const heard = () => {
    heardAt = performance.now();
  };
  await openDoors(state, parts.planes, createControl(state.tokens.control, routes({ ...parts, heard, stop })));
  const worldFile: WorldFile = {
    pid: process.pid,
    controlUrl: `http://127.0.0.1:${state.ports.control}`,
    token: state.tokens.control,
    startedAt: parts.startedAt,
  };
  writeAtomically(paths.world, JSON.stringify(worldFile, null, 2));
  for (const region of regions.values()) region.start();
  startServed(regions, traffic);
  return { stop };
}

/** Clients come when there is something to come to, or after a while in vain: the start itself is no outage. */
function startServed(regions: Map<string, LabRegion>, traffic: Traffic): void {
  const deadline = performance.now() + CLIENTS_WAIT_MS;
  const waiting = setInterval(() => {
    if (![...regions.values()].some((region) => region.serves()) && performance.now() < deadline) return;
    clearInterval(waiting);
    traffic.start();
  }, 50);
}

async function stateOf(path: string): Promise<WorldState> {
  const kept = readState(path);
  if (!kept) return newWorld(Date.now());
  await keptPortsAreFree(kept);
  return kept;
}

async function createParts(
  options: WorldOptions,
  state: WorldState,
  stateFile: WorldParts["stateFile"],
): Promise<Omit<WorldParts, "heard" | "stop">> {
  const { lab: directory } = labPaths(options.data);
  const processes = createProcesses(directory);
  const flavour = findRedis(options.redis);
  const regions = new Map<string, LabRegion>();
  const planes = await createControlPlanes({
    state,
    propagationMs: options.propagationMs,
    save: stateFile.flush,
    onScale: (code, replicas) => regions.get(code)?.scale(replicas),
  });
  for (const one of state.regions) {
    const { api: kubernetes, port: kubernetesPort } = planes.kubernetes.get(one.code)!;
    const { podReadyMs } = options;
    const common = { all: state.regions, directory, processes, flavour, podReadyMs, onChange: stateFile.changed };
    regions.set(one.code, createRegion({ ...common, state: one, kubernetes, kubernetesPort }));
  }
  const traffic = createTraffic(
    processes,
    {
      resolverPort: state.ports.resolver,
      name: API_NAME,
      rate: options.writesPerSecond,
      honouringClients: HONOURING_CLIENTS,
      stickyClients: STICKY_CLIENTS,
    },
    () => {
      state.trafficStarts++;
      stateFile.flush();
      return state.trafficStarts;
    },
  );

  /** A promotion begins an era. */
  async function look(): Promise<void> {
    await Promise.all(
      [...regions.values()].map(async (region) => {
        if ((await region.look()) !== "promoted") return;
        state.eras = [...state.eras, { region: region.state.code, since: Date.now() }].slice(-KEPT_ERAS);
        stateFile.changed();
      }),
    );
  }

  return { state, stateFile, startedAt: new Date().toISOString(), flavour, planes, regions, traffic, processes, look };
}

async function openDoors(
  { ports, regions }: WorldState,
  { route53 }: ControlPlanes,
  control: ReturnType<typeof createControl>,
): Promise<void> {
  const hosts = Object.fromEntries(
    regions.map(({ code, ports: { edge } }) => [edgeHost(code), { region: code, address: `127.0.0.1:${edge}` }]),
  );
  const resolver = createResolver({ records: () => route53.effective(HOSTED_ZONE_ID), hosts });
  await listenWith(control, ports.control, "lab control");
  await listenWith(createFront(resolver), ports.front, "public name");
  await listenWith(resolver.handler, ports.resolver, "lab resolver");
  await listenWith(route53.handler, ports.route53, "Route 53 API");
}
