import { z } from "zod";
import { namesTwice, settingsFile } from "../plans/settings-file.ts";
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

export const monitorFile = settingsFile({
  what: "monitor file",
  schema: MonitorFile,
  findings: (monitor) => [
    ...namesTwice(monitor?.logs ?? [], ["logs"]),
    ...namesTwice(monitor?.metrics ?? [], ["metrics"]),
  ],
  hint: "Set MUSTER_MONITOR to the path of a monitor file, or unset it to answer questions without Azure Monitor.",
});
