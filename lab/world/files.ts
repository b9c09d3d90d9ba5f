import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { HOSTED_ZONE_ID, PEOPLE } from "./definition.ts";
import { secret } from "./new-world.ts";
import { type WorldState, writeAtomically } from "./state.ts";

/** Where things lie in the lab's directory. */
export function labPaths(data: string) {
  const lab = join(data, "lab");
  return {
    lab,
    state: join(lab, "state.json"),
    world: join(lab, "world.json"),
    vars: join(lab, "vars.yaml"),
    kubeconfig: join(lab, "kubeconfig"),
    environment: join(lab, "environment.json"),
    slackEnvironment: join(lab, "slack-environment.json"),
    slackState: join(lab, "slack.json"),
    teamsEnvironment: join(lab, "teams-environment.json"),
    teamsState: join(lab, "teams.json"),
    models: join(lab, "models.yaml"),
    pagerDutyEnvironment: join(lab, "pagerduty-environment.json"),
    pagerDutyAuthority: join(lab, "pagerduty-authority.pem"),
    modelEnvironment: join(lab, "model-environment.json"),
    people: join(lab, "people.yaml"),
    tokens: join(lab, "tokens.json"),
    log: join(lab, "world.log"),
  };
}

/** What a new attachment needs to talk to the running world. */
export interface WorldFile {
  pid: number;
  controlUrl: string;
  token: string;
  startedAt: string;
}

/** Writes what Muster is given about this world: addresses, credentials, people. Tokens are made once and kept. */
export function writeMusterFiles(data: string, state: WorldState): void {
  const paths = labPaths(data);
  writeAtomically(paths.vars, stringify(vars(state)));
  writeAtomically(paths.kubeconfig, stringify(kubeconfig(state)));
  writeAtomically(paths.environment, JSON.stringify(environment(state, paths.kubeconfig), null, 2));
  if (existsSync(paths.people) && existsSync(paths.tokens)) return;
  const created = new Date().toISOString();
  const tokens = Object.fromEntries(PEOPLE.map(({ id }) => [id, secret()]));
  const people = PEOPLE.map((person) => ({
    ...person,
    tokens: [{ sha256: createHash("sha256").update(tokens[person.id]!).digest("hex"), created }],
  }));
  writeAtomically(paths.tokens, JSON.stringify(tokens, null, 2));
  writeAtomically(paths.people, stringify({ people }));
}

function vars({ ports, regions }: WorldState) {
  return {
    dnsTtl: "2s",
    probeInterval: "1s",
    bakeTime: "6s",
    quarantineTime: "8s",
    updates: { identified: "5s", degraded: "10s", monitoring: "20s" },
    checkIns: process.env.MUSTER_LAB_CHECK_INS ?? "1m",
    publicUrl: `http://127.0.0.1:${ports.front}`,
    hostedZone: HOSTED_ZONE_ID,
    regions: Object.fromEntries(
      regions.map(({ code, ports: { edge, redis } }) => [
        code,
        { edge: `http://127.0.0.1:${edge}`, redis: `redis://127.0.0.1:${redis}` },
      ]),
    ),
  };
}

function kubeconfig({ regions, tokens }: WorldState) {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": regions[0]!.code,
    clusters: regions.map(({ code, ports }) => ({
      name: code,
      cluster: { server: `http://127.0.0.1:${ports.kubernetes}`, "insecure-skip-tls-verify": true },
    })),
    users: [{ name: "muster", user: { token: tokens.kubernetes } }],
    contexts: regions.map(({ code }) => ({ name: code, context: { cluster: code, user: "muster" } })),
  };
}

function environment({ ports, aws }: WorldState, kubeconfigPath: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_ROUTE_53: `http://127.0.0.1:${ports.route53}`,
    AWS_ACCESS_KEY_ID: aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    AWS_REGION: "us-east-1",
    KUBECONFIG: kubeconfigPath,
  };
}
