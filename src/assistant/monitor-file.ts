import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "../errors.ts";
import { FileError, inFileOrder, type Problem } from "../plans/problem.ts";
import { schemaFindings } from "../plans/schema-findings.ts";
import { readSource } from "../plans/source.ts";
import { SignIn } from "./sign-in.ts";

/** The monitor file: which questions may be asked of Azure Monitor. A model chooses one by name and writes none. */

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, { error: "must be lower-case letters, digits and dashes" });
const About = z.string().trim().min(3).max(200).describe("What it tells, for the model and for people.");
const Https = z.url({ protocol: /^https$/, error: "must be an https address" });

const Logs = z.strictObject({
  name: Name,
  about: About,
  workspace: z.guid({ error: "must be the id of a Log Analytics workspace" }),
  kql: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .refine((text) => !/^\s*\./mu.test(text), { error: "must be a query, and no management command" })
    .refine((text) => !/;\s*$/u.test(text) && !/\|\s*render\b[^|]*$/iu.test(text), {
      error: "must end with a table, without render and without a semicolon: Muster adds the number of rows itself",
    })
    .describe("The query. The time is added to it, and at most 50 rows are taken."),
});

const Metrics = z.strictObject({
  name: Name,
  about: About,
  endpoint: Https.describe("Of the region: https://eastus.metrics.monitor.azure.com."),
  resources: z
    .array(
      z.string().regex(/^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/.+$/iu, {
        error: "must be the whole id of a resource",
      }),
    )
    .min(1)
    .max(10),
  namespace: z.string().min(3).max(200).describe("Microsoft.Cache/redis, say."),
  metric: z.string().min(1).max(200),
  aggregation: z.enum(["average", "minimum", "maximum", "total", "count"]).default("average"),
});

export const MonitorFile = z.strictObject({
  signIn: SignIn.prefault({ as: "default" }),
  logsEndpoint: Https.optional().describe("Of a private link; the public one without it."),
  logs: z.array(Logs).max(20).default([]),
  metrics: z.array(Metrics).max(20).default([]),
});
export type MonitorFile = z.infer<typeof MonitorFile>;
export type LogQuestion = z.infer<typeof Logs>;
export type MetricQuestion = z.infer<typeof Metrics>;

/** Everything that is wrong with a monitor file; what it says when nothing is. Pure. */
export function checkMonitor(text: string, file: string): { monitor?: MonitorFile; problems: Problem[] } {
  const source = readSource(text, file);
  if (source.value === undefined) return { problems: source.problems };
  const found = schemaFindings(MonitorFile, source.value ?? {});
  const parsed = MonitorFile.safeParse(source.value);
  const twice = (["logs", "metrics"] as const).flatMap((part) => {
    const names = parsed.data?.[part].map(({ name }) => name) ?? [];
    return names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [{ path: [part, index, "name"], message: `the name ${name} is used twice`, hint: "Name each once." }],
    );
  });
  const problems = inFileOrder([...source.problems, ...[...found, ...twice].map((one) => source.problem(one))]);
  return parsed.success && problems.length === 0 ? { monitor: parsed.data, problems } : { problems };
}

/** Reads the file. Throws AppError `config-invalid` that lists every problem with its line. */
export async function loadMonitor(path: string): Promise<MonitorFile> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new AppError({
      code: "config-invalid",
      summary: `The monitor file ${path} cannot be read (${cause.code ?? "no reason given"}).`,
      hint: "Set MUSTER_MONITOR to the path of a monitor file, or unset it to answer questions without Azure Monitor.",
      cause,
    });
  });
  const { monitor, problems } = checkMonitor(text, path);
  if (monitor) return monitor;
  throw new FileError("config-invalid", path, problems);
}
