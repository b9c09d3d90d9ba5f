import type { Fault } from "../control-planes/http.ts";
import { createKubernetesApi, type KubernetesApi } from "../control-planes/kubernetes.ts";
import { createRoute53, type Route53 } from "../control-planes/route53.ts";
import { listenWith } from "../http.ts";
import type { WorldState } from "./state.ts";

/** The control planes of the world: one Route 53, and a Kubernetes API per region. */
export interface ControlPlanes {
  route53: Route53;
  kubernetes: Map<string, { api: KubernetesApi; port: number }>;
  /** `api` is `route53` or `kubernetes:<region>`. */
  setFault(api: string, mode: Fault): void;
}

export interface ControlPlaneOptions {
  state: WorldState;
  propagationMs: number;
  /** Called before an API answers: what it acknowledged must outlive kill -9. */
  save(): void;
  onScale(region: string, replicas: number): void;
}

export async function createControlPlanes(options: ControlPlaneOptions): Promise<ControlPlanes> {
  const { state, propagationMs, save, onScale } = options;
  const route53 = createRoute53({
    zones: state.zones,
    propagationMs,
    onChange: () => {
      state.zones = route53.snapshot();
      save();
    },
  });
  const kubernetes: ControlPlanes["kubernetes"] = new Map();
  for (const region of state.regions) {
    const api = createKubernetesApi({
      token: state.tokens.kubernetes,
      deployments: region.deployments.map((deployment) => ({ ...deployment, readyReplicas: 0 })),
      onScale: (_namespace, _name, replicas) => onScale(region.code, replicas),
      onChange: () => {
        region.deployments = api.snapshot();
        save();
      },
    });
    // Not kept: only the region's gate knows it.
    const { port } = await listenWith(api.handler, 0, `Kubernetes API of ${region.code}`);
    kubernetes.set(region.code, { api, port });
  }

  function setFault(api: string, mode: Fault): void {
    if (api === "route53") route53.setFault(mode);
    else kubernetes.get(api.replace("kubernetes:", ""))?.api.setFault(mode);
  }
  for (const [api, mode] of Object.entries(state.apiFaults)) setFault(api, mode);
  return { route53, kubernetes, setFault };
}
