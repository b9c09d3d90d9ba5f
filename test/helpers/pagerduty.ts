import { createServer as createHttpsServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { serve } from "@hono/node-server";
import { createPagerDuty } from "../../adapters/pager/pagerduty.ts";
import { createPagerDutyClient, type PagerDutyOptions } from "../../adapters/pager/pagerduty-client.ts";
import { createFakePagerDuty } from "../../lab/pagerduty/account.ts";
import type { FakePagerDuty } from "../../lab/pagerduty/state.ts";
import { makeTls, type Tls } from "../../lab/tls.ts";
import type { PagerPort } from "../../src/pager/port.ts";

export interface PagerDutyWorld {
  fake: FakePagerDuty;
  options: PagerDutyOptions;
  pager: PagerPort;
  /** Another connection to the same account, with other settings. */
  connect(change: Partial<PagerDutyOptions>): PagerPort;
  /** Nobody listens any more, as while the whole vendor is away; `mend` lets them listen again. */
  close(): Promise<void>;
}

let certificate: Tls | undefined;

/** The vendor's own client against a whole account on this machine, over https as it insists on. */
export async function openPagerDuty(change: Partial<PagerDutyOptions> = {}): Promise<PagerDutyWorld> {
  if (!certificate) {
    certificate = makeTls();
    // For the vendor's client, which takes no authority of its own.
    setDefaultCACertificates([...getCACertificates("default"), certificate.ca]);
  }
  const fake = createFakePagerDuty();
  const events = await listen((request) => fake.events(request), certificate);
  const rest = await listen((request) => fake.rest(request));
  const options: PagerDutyOptions = {
    routingKey: fake.routingKey,
    apiToken: fake.apiToken,
    from: "first@lab.example",
    policies: ["PPOLICY"],
    schedules: [],
    eventsServer: `localhost:${events.port}`,
    apiUrl: `http://127.0.0.1:${rest.port}`,
    requestTimeoutMs: 500,
    throttlePauseMs: 1,
    ...change,
  };
  const connect = (more: Partial<PagerDutyOptions>) => {
    const all = { ...options, ...more };
    return createPagerDuty(createPagerDutyClient(all), all);
  };
  const close = async () => {
    await Promise.all([events.close(), rest.close()]);
  };
  return { fake, options, pager: connect({}), connect, close };
}

function listen(
  fetch: (request: Request) => Promise<Response>,
  tls?: { key: string; cert: string },
): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve) => {
    const server = serve(
      {
        fetch,
        hostname: "127.0.0.1",
        port: 0,
        ...(tls && { createServer: createHttpsServer, serverOptions: tls }),
      },
      ({ port }) =>
        resolve({
          port,
          close: () =>
            new Promise<void>((closed) => {
              server.close(() => closed());
              if ("closeAllConnections" in server) server.closeAllConnections();
            }),
        }),
    );
  });
}
