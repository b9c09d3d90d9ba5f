import { join } from "node:path";
import { z } from "zod";
import { assistantEnvironment, assistantProblems } from "./config-assistant.ts";
import {
  chatEnvironment,
  HttpUrl,
  type SlackConfig,
  slackOf,
  slackProblems,
  type TeamsConfig,
  teamsOf,
  teamsProblems,
} from "./config-chats.ts";
import { type MailConfig, mailEnvironment, mailOf, mailProblems } from "./config-mail.ts";
import { type PagersConfig, pagerDutyOf, pagerEnvironment, pagerProblems } from "./config-pager.ts";
import { type PagesConfig, pageEnvironment, pageProblems, pageSecrets, pagesOf } from "./config-pages.ts";
import { AppError } from "./errors.ts";
import { isLoopback } from "./loopback.ts";
import { didYouMean } from "./plans/did-you-mean.ts";

/**
 * Everything that the environment may say. `main` hands its environment to `loadConfig` once and passes the
 * result down: nothing else reads it. The vendors' SDKs read their own variables (AWS_*, and proxies).
 */

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const Path = z.string().max(4_000);

const PLACE = /^[\w.-]{1,100}$/;

/** A whole number, written in digits. */
function whole(from: number, to: number) {
  return z
    .string()
    .regex(/^\d+$/, { error: `must be a whole number from ${from} to ${to}` })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error: `must be a whole number from ${from} to ${to}` });
}

/** One entry a variable; `example` is shown in messages and in .env.example. */
export const environmentSchema = z.object({
  MUSTER_DATA: Path.default(".muster").meta({ example: ".muster", description: "Directory of the journal." }),
  MUSTER_STORE: z
    .string()
    .max(4_000)
    .regex(/^postgres(ql)?:\/\//, { error: "must be a postgres:// address" })
    .optional()
    .meta({
      example: "postgres://muster@db.example/muster?sslmode=verify-full",
      description:
        "PostgreSQL that holds the journal, for more than one instance; SQLite in MUSTER_DATA when not set. A secret when it has a password.",
    }),
  MUSTER_PLACE: z
    .string()
    .regex(PLACE, { error: "must be a name of letters, digits, dots, dashes or underscores" })
    .optional()
    .meta({
      example: "outside",
      description: "Where this instance runs: a region code of the plan when it is inside one, else any other name.",
    }),
  MUSTER_STORE_PLACES: z
    .string()
    .regex(/^[\w.-]{1,100}(,[\w.-]{1,100}){0,7}$/, { error: "must be names with commas between them" })
    .optional()
    .meta({
      example: "place-1,place-2",
      description: "Where the servers of MUSTER_STORE are, in their order; a standby's application_name is its place.",
    }),
  MUSTER_PLAN: Path.default("plans/genai-api.yaml").meta({
    example: "plans/genai-api.yaml",
    description: "The plan file.",
  }),
  MUSTER_VARS: Path.optional().meta({
    example: "deploy/vars.yaml",
    description: "Values of this installation, laid over the plan's vars.",
  }),
  MUSTER_PEOPLE: Path.optional().meta({
    example: "deploy/people.yaml",
    description: "Who there is, with roles and hashed tokens.",
  }),
  MUSTER_HOST: z
    .string()
    .max(253)
    .regex(/^[\w.:-]+$/, { error: "must be a host name or an address" })
    .default("127.0.0.1")
    .meta({ example: "127.0.0.1", description: "Address that the server listens on." }),
  MUSTER_ALLOWED_HOSTS: z
    .string()
    .regex(/^[\w.,:-]+$/, { error: "must be host names with commas between them" })
    .optional()
    .meta({
      example: "muster.example.org",
      description:
        "Host names, beside loopback and MUSTER_HOST, by which browsers may call the server; commas between.",
    }),
  MUSTER_PORT: whole(0, 65_535)
    .prefault("4646")
    .meta({ example: "4646", description: "Port that the server listens on; 0 takes a free one." }),
  MUSTER_REPORTS: Path.default("reports").meta({
    example: "reports",
    description: "Directory that incident documents are written to.",
  }),
  MUSTER_RUNBOOKS: Path.optional().meta({
    example: "runbooks",
    description:
      "Directory that runbooks for hands are written to at each change of the plan: keep a copy outside. runbooks in MUSTER_DATA when not set.",
  }),
  MUSTER_OPEN_SIGN_IN: z.enum(["loopback"], { error: "must be loopback, or not be set" }).optional().meta({
    example: "loopback",
    description: "For trying things out: people say who they are, without a token. Only with a loopback MUSTER_HOST.",
  }),
  MUSTER_INSTANCE: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, { error: "must be 1 to 100 letters, digits, dots, colons, dashes or underscores" })
    .optional()
    .meta({
      example: "muster-1",
      description: "Name of this process in the journal; host name and process id when not set.",
    }),
  MUSTER_LOG_LEVEL: z
    .enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` })
    .default("info")
    .meta({ example: "info", description: "How much is logged." }),
  MUSTER_LEASE_MS: whole(1_000, 300_000).prefault("10000").meta({
    example: "10000",
    description: "How long a silent instance keeps its right to drive runs, in milliseconds.",
  }),
  MUSTER_REQUEST_TIMEOUT_MS: whole(100, 60_000)
    .prefault("2000")
    .meta({ example: "2000", description: "How long one request to a vendor may take, in milliseconds." }),
  ...chatEnvironment,
  ...pageEnvironment,
  ...mailEnvironment,
  ...assistantEnvironment,
  ...pagerEnvironment,
  KUBECONFIG: Path.optional().meta({
    example: "deploy/kubeconfig",
    description: "Kubernetes contexts, one for each cluster that the plan names.",
  }),
  MUSTER_URL: HttpUrl.default("http://127.0.0.1:4646").meta({
    example: "http://127.0.0.1:4646",
    description: "For the CLI: the server that it talks to.",
  }),
  MUSTER_TOKEN: z
    .string()
    .max(512)
    .optional()
    .meta({ example: "paste-the-token-here", description: "For the CLI: who is asking. A secret." }),
});

/** Secrets that a plan names with `passwordFrom: SESSIONS` are in `MUSTER_SECRET_SESSIONS`. */
const secretPrefix = "MUSTER_SECRET_";
const failpointVariable = "MUSTER_TEST_FAILPOINT";
/** The lab and the tests have variables of their own. */
const foreignPrefixes = [secretPrefix, "MUSTER_LAB_", "MUSTER_TEST_"];

export interface Config extends PagesConfig, PagersConfig {
  readonly dataDirectory: string;
  readonly planPath: string;
  readonly varsPath?: string;
  readonly peoplePath?: string;
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly reportsDirectory: string;
  readonly runbooksDirectory: string;
  readonly modelsPath?: string;
  readonly monitorPath?: string;
  readonly openSignIn: boolean;
  readonly instance?: string;
  readonly logLevel: (typeof logLevels)[number];
  readonly leaseMs: number;
  readonly requestTimeoutMs: number;
  readonly kubeconfigPath?: string;
  /** For the CLI. */
  readonly url: string;
  readonly token?: string;
  readonly storeUrl?: string;
  readonly storePlaces: readonly string[];
  readonly place?: string;
  /** For tests of crashes only; see src/journal/failpoint.ts. */
  readonly failpoints?: string;
  /** Not enumerable, because of their secrets. */
  readonly slack?: SlackConfig;
  readonly teams?: TeamsConfig;
  readonly mail?: MailConfig;
  /** The secret that a plan calls by this name. A function, so that printing the config shows none. */
  secret(name: string): string | undefined;
}

type Environment = Record<string, string | undefined>;

/** Throws AppError `config-invalid` that names every wrong variable at once, with an example and never a value. */
export function loadConfig(environment: Environment): Config {
  // A variable that is set to nothing is how shells and compose files say "not set".
  const env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(env);
  const problems = [
    ...(parsed.error?.issues.map(({ path, message }) => wrong(String(path[0]), message)) ?? []),
    ...Object.keys(env).flatMap(unknown),
  ];
  if (parsed.success && parsed.data.MUSTER_OPEN_SIGN_IN && !isLoopback(parsed.data.MUSTER_HOST)) {
    problems.push(
      "MUSTER_OPEN_SIGN_IN=loopback lets anybody be anybody, and MUSTER_HOST is not a loopback address: set MUSTER_HOST=127.0.0.1, or unset it and give people tokens.",
    );
  }
  if (env[failpointVariable] !== undefined && env.MUSTER_OPEN_SIGN_IN !== "loopback") {
    problems.push(
      `${failpointVariable} ends the server in the middle of its work and is for tests only, which set MUSTER_OPEN_SIGN_IN=loopback: unset it.`,
    );
  }
  if (parsed.success) problems.push(...assistantProblems(parsed.data, env));
  if (parsed.success)
    problems.push(
      ...slackProblems(parsed.data),
      ...teamsProblems(parsed.data),
      ...pageProblems(parsed.data),
      ...mailProblems(parsed.data),
      ...pagerProblems(parsed.data),
    );
  if (!parsed.success || problems.length > 0) throw refusal(problems);
  return freeze(parsed.data, env);
}

function freeze(data: z.infer<typeof environmentSchema>, env: Environment): Config {
  const config: Config = {
    dataDirectory: data.MUSTER_DATA,
    planPath: data.MUSTER_PLAN,
    ...(data.MUSTER_VARS && { varsPath: data.MUSTER_VARS }),
    ...(data.MUSTER_PEOPLE && { peoplePath: data.MUSTER_PEOPLE }),
    host: data.MUSTER_HOST,
    port: data.MUSTER_PORT,
    allowedHosts: [data.MUSTER_HOST, ...(data.MUSTER_ALLOWED_HOSTS?.split(",").filter(Boolean) ?? [])],
    reportsDirectory: data.MUSTER_REPORTS,
    runbooksDirectory: data.MUSTER_RUNBOOKS ?? join(data.MUSTER_DATA, "runbooks"),
    ...(data.MUSTER_MODELS && { modelsPath: data.MUSTER_MODELS }),
    ...(data.MUSTER_MONITOR && { monitorPath: data.MUSTER_MONITOR }),
    ...pagesOf(data),
    ...(data.MUSTER_PUBLIC_URL && { publicUrl: data.MUSTER_PUBLIC_URL }),
    openSignIn: data.MUSTER_OPEN_SIGN_IN === "loopback",
    ...(data.MUSTER_INSTANCE && { instance: data.MUSTER_INSTANCE }),
    logLevel: data.MUSTER_LOG_LEVEL,
    leaseMs: data.MUSTER_LEASE_MS,
    requestTimeoutMs: data.MUSTER_REQUEST_TIMEOUT_MS,
    ...(data.KUBECONFIG && { kubeconfigPath: data.KUBECONFIG }),
    storePlaces: data.MUSTER_STORE_PLACES?.split(",") ?? [],
    ...(data.MUSTER_PLACE !== undefined && { place: data.MUSTER_PLACE }),
    url: data.MUSTER_URL,
    ...(env[failpointVariable] && { failpoints: env[failpointVariable] }),
    secret: (name) => env[secretVariable(name)],
  };
  const secret = {
    storeUrl: data.MUSTER_STORE,
    token: data.MUSTER_TOKEN,
    slack: slackOf(data),
    teams: teamsOf(data),
    ...pageSecrets(data),
    mail: mailOf(data),
    pagerDuty: pagerDutyOf(data),
  };
  // Not enumerable, so that no log line or error that prints the config shows it.
  for (const [name, value] of Object.entries(secret)) {
    if (value !== undefined) Object.defineProperty(config, name, { value });
  }
  return Object.freeze(config);
}

/** `sessions-redis` → `MUSTER_SECRET_SESSIONS_REDIS`. */
export function secretVariable(name: string): string {
  return secretPrefix + name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

function wrong(variable: string, message: string): string {
  const { example } =
    z.globalRegistry.get(environmentSchema.shape[variable as keyof typeof environmentSchema.shape]) ?? {};
  return `${variable} ${message.startsWith("must ") ? message : "is not usable"}, as in ${variable}=${example}.`;
}

function unknown(variable: string): string[] {
  const known = Object.keys(environmentSchema.shape);
  if (!variable.startsWith("MUSTER_") || known.includes(variable)) return [];
  if (foreignPrefixes.some((prefix) => variable.startsWith(prefix))) return [];
  return [`${variable} is not a variable of Muster. ${didYouMean(variable, known)}`];
}

function refusal(problems: string[]): AppError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new AppError({ code: "config-invalid", summary: `The environment has ${count}.`, hint: problems.join("\n") });
}
