import { openMonitor } from "../../adapters/monitor/index.ts";
import { type Authority, startAuthority } from "../../lab/azure/authority.ts";
import { type MonitorServer, startMonitorServer } from "../../lab/azure/monitor.ts";
import { makeTls } from "../../lab/tls.ts";
import type { MonitorPort } from "../../src/assistant/monitor.ts";
import { MonitorFile } from "../../src/assistant/monitor-file.ts";
import { systemClock } from "../../src/clock.ts";

export interface Azure {
  monitor: MonitorPort;
  server: MonitorServer;
  authority: Authority;
  file: MonitorFile;
  ca: string;
  /** The same, with another secret of the application. */
  withSecret(secret: string): MonitorPort;
  close(): Promise<void>;
}

export const WORKSPACE = "00000000-0000-4000-8000-00000000000a";
export const CACHE =
  "/subscriptions/00000000-0000-4000-8000-0000000000cc/resourceGroups/g/providers/Microsoft.Cache/redis/sessions";
const TENANT = "00000000-0000-4000-8000-0000000000aa";
const CLIENT = "00000000-0000-4000-8000-0000000000bb";

/** The vendor's real clients, over https, against an Entra ID and an Azure Monitor on this machine. */
export async function startAzure(): Promise<Azure> {
  const tls = makeTls();
  const authority = await startAuthority({ tls, tenantId: TENANT, clientId: CLIENT, secret: "the-secret" });
  const server = await startMonitorServer({ tls, scopeOf: authority.scopeOf });
  const file = MonitorFile.parse({
    signIn: { as: "client-secret", tenantId: TENANT, clientId: CLIENT, secretFrom: "reader", authority: authority.url },
    logsEndpoint: server.url,
    logs: [
      {
        name: "api-errors",
        about: "Errors of the API",
        workspace: WORKSPACE,
        kql: "AppExceptions\n| order by TimeGenerated",
      },
      { name: "elsewhere", about: "A workspace that is gone", workspace: TENANT, kql: "AppTraces" },
    ],
    metrics: [
      {
        name: "load",
        about: "Load",
        endpoint: server.url,
        resources: [CACHE],
        namespace: "Microsoft.Cache/redis",
        metric: "serverLoad",
      },
      {
        name: "unknown",
        about: "None",
        endpoint: server.url,
        resources: [CACHE],
        namespace: "Microsoft.Cache/redis",
        metric: "none",
      },
    ],
  });
  const withSecret = (value: string) => {
    return openMonitor({ monitor: file, secret: () => value, clock: systemClock, ca: tls.ca });
  };
  const close = async () => {
    await server.close();
    await authority.close();
  };
  return { monitor: withSecret("the-secret"), server, authority, file, ca: tls.ca, withSecret, close };
}
