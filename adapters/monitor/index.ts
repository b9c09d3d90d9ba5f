import { LogsQueryClient, MetricsClient } from "@azure/monitor-query";
import type { MonitorPort } from "../../src/assistant/monitor.ts";
import { type MonitorFile, monitorFile } from "../../src/assistant/monitor-file.ts";
import { AppError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";
import { openCredential } from "../azure/credential.ts";
import type { CredentialOptions } from "../azure/secret.ts";
import { monitorError } from "./errors.ts";
import { readLogs } from "./logs.ts";
import { readMetric } from "./metrics.ts";

export interface MonitorOptions extends CredentialOptions {
  monitor: MonitorFile;
  clock: Pick<Clock, "now">;
}

/** Azure Monitor behind its port: it can read what the file names, and has no other way to ask. */
export function openMonitor({ monitor, clock, secret, ca }: MonitorOptions): MonitorPort {
  const { signIn, logs, metrics, logsEndpoint } = monitor;
  const credential = openCredential(signIn, { secret, ...(ca !== undefined && { ca }) });
  // A question has seconds: whoever is asked to wait says so instead of waiting.
  const shared = { retryOptions: { maxRetries: 0 }, ...(ca !== undefined && { tlsOptions: { ca } }) };
  const logsClient = new LogsQueryClient(credential, { ...shared, ...(logsEndpoint && { endpoint: logsEndpoint }) });
  const metricsClients = new Map<string, MetricsClient>();
  const metricsAt = (endpoint: string) => {
    const client = metricsClients.get(endpoint) ?? new MetricsClient(endpoint, credential, shared);
    metricsClients.set(endpoint, client);
    return client;
  };
  return {
    logs: logs.map(({ name, about }) => ({ name, about })),
    metrics: metrics.map(({ name, about }) => ({ name, about })),
    async readLogs(name, minutes, signal) {
      const question = named(logs, name);
      return await readLogs(logsClient, question, minutes, signal).catch((error: unknown) => {
        throw monitorError(name, error, signal);
      });
    },
    async readMetric(name, minutes, signal) {
      const question = named(metrics, name);
      const when = { minutes, now: clock.now(), abortSignal: signal };
      return await readMetric(metricsAt(question.endpoint), question, when).catch((error: unknown) => {
        throw monitorError(name, error, signal);
      });
    },
  };
}

function named<Question extends { name: string }>(questions: readonly Question[], name: string): Question {
  const found = questions.find((one) => one.name === name);
  if (found) return found;
  const hint = `There are: ${questions.map((one) => one.name).join(", ") || "none"}.`;
  throw new AppError({ code: "not-found", summary: `The monitor file has no question ${name.slice(0, 60)}.`, hint });
}

/** As the file says. */
export async function configuredMonitor(
  { monitorPath, secret }: { monitorPath: string; secret: CredentialOptions["secret"] },
  clock: Pick<Clock, "now">,
): Promise<MonitorPort> {
  return openMonitor({ monitor: await monitorFile.load(monitorPath), secret, clock });
}
