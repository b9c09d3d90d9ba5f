import type { Route } from "./control.ts";
import { HOSTED_ZONE_ID } from "./definition.ts";
import { applyFault, parseFault } from "./faults.ts";
import type { ControlPlanes } from "./planes.ts";
import type { Processes } from "./processes.ts";
import type { RedisFlavour } from "./redis-server.ts";
import type { LabRegion } from "./region.ts";
import type { createStateFile, WorldState } from "./state.ts";
import type { Traffic } from "./traffic.ts";
import type { LabState } from "./view.ts";

export interface WorldParts {
  state: WorldState;
  stateFile: ReturnType<typeof createStateFile>;
  startedAt: string;
  flavour: RedisFlavour;
  planes: ControlPlanes;
  regions: Map<string, LabRegion>;
  traffic: Traffic;
  processes: Processes;
  /** Notices what became of each Redis. */
  look(): Promise<void>;
  heard(): void;
  stop(): void;
}

export function routes(parts: WorldParts): Record<string, Route> {
  const { state, stateFile, regions, planes, traffic } = parts;
  return {
    "GET /state": () => viewWorld(parts),
    "GET /traffic": () => traffic.stats(),
    "POST /faults": async (body) => {
      const targets = { state, regions, setApiFault: planes.setFault, onChange: stateFile.changed };
      const changed = await applyFault(parseFault(body), targets);
      stateFile.flush();
      return { changed };
    },
    "POST /traffic/verify": async () => {
      await parts.look();
      const { region } = state.eras.at(-1)!;
      return traffic.verify(state.eras, { region, port: regions.get(region)!.state.ports.redisServer });
    },
    "POST /heartbeat": () => {
      parts.heard();
      return { ok: true };
    },
    "POST /stop": () => {
      // After this answer is out.
      setTimeout(parts.stop, 10);
      return { stopping: true, pid: process.pid };
    },
  };
}

function viewWorld({ state, startedAt, flavour, planes, regions, traffic, processes }: WorldParts): LabState {
  return {
    pid: process.pid,
    startedAt,
    addresses: Object.fromEntries(
      Object.entries(state.ports).map(([name, port]) => [name, `http://127.0.0.1:${port}`]),
    ),
    redis: { flavour: flavour.flavour, label: flavour.label },
    primary: state.eras.at(-1)!.region,
    eras: state.eras.map(({ region, since }) => ({ region, since: new Date(since).toISOString() })),
    regions: [...regions.values()].map((region) => region.view()),
    zones: state.zones,
    effective: planes.route53.effective(HOSTED_ZONE_ID),
    apiFaults: state.apiFaults,
    traffic: { pid: traffic.pid() },
    processes: processes.list(),
  };
}
