import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { leave, leaveEnvironment } from "../left-behind.ts";
import { makeTls } from "../tls.ts";
import { labPaths } from "../world/files.ts";
import { secret } from "../world/new-world.ts";
import { createFakePagerDuty } from "./account.ts";
import type { FakePagerDuty } from "./state.ts";

export interface PagerDutyEmulator {
  pagerduty: FakePagerDuty;
  /** Tells Muster from now on what people do in the account. */
  tell(musterUrl: string): void;
  close(): Promise<void>;
}

/** What a start leaves behind that was killed. */
function forgetPagerDutyEmulator(data: string): void {
  rmSync(labPaths(data).pagerDutyEnvironment, { force: true });
}

/**
 * An account of PagerDuty beside the lab. What a Muster server must be given to reach it lies in the lab's directory
 * while it runs. Events are sent over https alone, so that it needs a certificate.
 */
export async function startPagerDutyEmulator(data: string): Promise<PagerDutyEmulator> {
  const { pagerDutyEnvironment, pagerDutyAuthority } = labPaths(data);
  const tls = makeTls();
  const pagerduty = createFakePagerDuty();
  const events = await listen(
    createHttpsServer(
      tls,
      getRequestListener((request) => pagerduty.events(request)),
    ),
  );
  const rest = await listen(createServer(getRequestListener((request) => pagerduty.rest(request))));
  const webhookSecret = secret();
  const [first] = pagerduty.users;
  const environment = {
    MUSTER_PAGERDUTY_ROUTING_KEY: pagerduty.routingKey,
    MUSTER_PAGERDUTY_API_TOKEN: pagerduty.apiToken,
    MUSTER_PAGERDUTY_FROM: first?.email ?? "",
    MUSTER_PAGERDUTY_POLICIES: pagerduty.policies.map(({ id }) => id).join(","),
    MUSTER_PAGERDUTY_WEBHOOK_SECRET: webhookSecret,
    MUSTER_PAGERDUTY_EVENTS_SERVER: `localhost:${events.port}`,
    MUSTER_PAGERDUTY_API_URL: `http://127.0.0.1:${rest.port}`,
    NODE_EXTRA_CA_CERTS: pagerDutyAuthority,
  };
  leave(pagerDutyAuthority, tls.ca);
  leaveEnvironment(pagerDutyEnvironment, environment);
  return {
    pagerduty,
    tell(musterUrl) {
      pagerduty.webhook = { url: `${musterUrl}/pagerduty/webhook`, secrets: [webhookSecret] };
    },
    async close() {
      forgetPagerDutyEmulator(data);
      await Promise.all([events.close(), rest.close()]);
    },
  };
}

interface Listening {
  port: number;
  close(): Promise<void>;
}

type Server = ReturnType<typeof createServer> | ReturnType<typeof createHttpsServer>;

function listen(server: Server): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}
