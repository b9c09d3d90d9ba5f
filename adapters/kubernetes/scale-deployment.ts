import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { type Limits, limitsOf, look } from "../looking.ts";
import type { Clusters } from "./cluster.ts";
import { isNotFound } from "./errors.ts";

const Input = z
  .strictObject({
    cluster: z.string().min(1).describe("Name of the kubeconfig context of the cluster"),
    namespace: z.string().min(1).describe("Namespace of the deployment"),
    deployment: z.string().min(1).describe("Name of the deployment"),
    replicas: z.number().int().min(0).max(10_000).describe("Replicas that the deployment is to have, exactly"),
    readyAt: z.number().int().min(0).describe("Ready replicas from which on the step is done"),
  })
  .refine(({ replicas, readyAt }) => readyAt <= replicas, {
    path: ["readyAt"],
    message: "readyAt cannot be larger than replicas: the step would never be done",
  });
type Input = z.infer<typeof Input>;

type Seen =
  | { exists: false }
  | {
      exists: true;
      replicas: number;
      readyReplicas: number;
      /** The controller has acted on the latest spec; before that its counts are about an older one. */
      observed: boolean;
      resourceVersion: string;
    };

const EXPECTED_MS = 90_000;

export function createScaleDeployment(clusters: Clusters): RecoveryAction {
  async function read({ cluster, namespace, deployment }: Input, limits: Limits): Promise<Seen> {
    const resource = describe({ cluster, namespace, deployment });
    return clusters.request(cluster, resource, limits, async (deployments): Promise<Seen> => {
      try {
        const { metadata, spec, status } = await deployments.read({ namespace, name: deployment });
        return {
          exists: true,
          replicas: spec?.replicas ?? 1,
          readyReplicas: status?.readyReplicas ?? 0,
          observed: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
          resourceVersion: metadata?.resourceVersion ?? "",
        };
      } catch (error) {
        if (isNotFound(error)) return { exists: false };
        throw error;
      }
    });
  }

  /** The API server refuses the write when anything about the deployment changed since `resourceVersion`. */
  async function scale(input: Input, replicas: number, resourceVersion: string, limits: Limits): Promise<void> {
    const { cluster, namespace, deployment: name } = input;
    const body = { metadata: { resourceVersion }, spec: { replicas } };
    await clusters.request(cluster, describe(input), limits, (deployments) =>
      deployments.patchScale({ namespace, name }, body),
    );
  }

  return defineAction<Input, Seen>({
    id: "kubernetes.scale-deployment",
    summary: "The deployment has the wanted number of replicas and enough of them are ready",
    input: Input,
    effect: "scale",
    repeat: "conditional",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: ({ cluster }) => [cluster],
    expectedMs: () => EXPECTED_MS,
    assess: (input, context) => look(context, async (limits) => judge(await read(input, limits), input)),
    capacity: (seen, { cluster, replicas }) => ({ from: seen.exists && seen.replicas > replicas ? [cluster] : [] }),
    blockers: (seen, input) => (seen.exists ? [] : [`there is no ${describe(input)}`]),
    async apply(input, seen, context) {
      if (!seen.exists) throw missing(input);
      await scale(input, input.replicas, seen.resourceVersion, limitsOf(context));
      return { note: `replicas ${seen.replicas} → ${input.replicas}` };
    },
    manual: (input) => ({
      run: [`${kubectl(input)} scale deployment ${input.deployment} --replicas=${input.replicas}`],
      check: [`${kubectl(input)} get deployment ${input.deployment}`],
      expect: `READY ${input.readyAt} or more, of ${input.replicas}`,
    }),
    undo: {
      assess: (before, input, context) =>
        look(context, async (limits): Promise<Assessment<Seen>> => {
          const seen = await read(input, limits);
          if (!before.exists || !seen.exists || seen.replicas !== before.replicas) return { state: "away", seen };
          return { state: seen.observed ? "reached" : "moving", seen };
        }),
      capacity: (before, seen, { cluster }) => ({
        from: before.exists && seen.exists && seen.replicas > before.replicas ? [cluster] : [],
      }),
      blockers: notOurs,
      async apply(before, input, seen, context) {
        // The version is of the look that the blockers were decided on: whoever wrote since makes this fail.
        if (!before.exists || !seen.exists) throw missing(input);
        await scale(input, before.replicas, seen.resourceVersion, limitsOf(context));
        return { note: `replicas ${seen.replicas} → ${before.replicas}` };
      },
    },
  });
}

function kubectl({ cluster, namespace }: Input): string {
  return `kubectl --context ${cluster} -n ${namespace}`;
}

function judge(seen: Seen, { replicas, readyAt }: Input): Assessment<Seen> {
  if (!seen.exists || seen.replicas !== replicas) return { state: "away", seen };
  if (seen.observed && seen.readyReplicas >= readyAt) return { state: "reached", seen };
  const ready = seen.observed ? `${seen.readyReplicas} of ${readyAt} ready` : "the controller has not acted yet";
  return { state: "moving", seen, progress: ready };
}

function describe({ cluster, namespace, deployment }: Pick<Input, "cluster" | "namespace" | "deployment">): string {
  return `deployment ${namespace}/${deployment} in ${cluster}`;
}

function missing(input: Input): AppError {
  return new AppError({
    code: "vendor-rejected",
    summary: `There is no ${describe(input)}.`,
    hint: "Correct the step's namespace and deployment, or create it.",
  });
}

function notOurs(before: Seen, seen: Seen, input: Input): string[] {
  if (!seen.exists || !before.exists) return [`there is no ${describe(input)}`];
  if (seen.replicas === input.replicas || seen.replicas === before.replicas) return [];
  const command = `${kubectl(input)} scale deployment ${input.deployment} --replicas=${before.replicas}`;
  return [
    `somebody else set ${describe(input)} to ${seen.replicas} replicas since this run set ${input.replicas}, so it is left as it is (by hand: ${command})`,
  ];
}
