import type { Config } from "../../src/config.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { createPagerDestination } from "../../src/pager/destination.ts";
import { createPagerInbound } from "../../src/pager/inbound.ts";
import { createNotesDestination } from "../../src/pager/notes-destination.ts";
import type { OnCall, PagerPort } from "../../src/pager/port.ts";
import { createShownDestination } from "../../src/pager/shown-destination.ts";
import { createStoreAlarm } from "../../src/pager/store-alarm.ts";
import type { PeopleDirectory } from "../../src/people/directory.ts";

type Pagers = Pick<Config, "pagerDuty" | "publicUrl" | "requestTimeoutMs">;

export interface OpenPager {
  port?: PagerPort;
  /** What is told to it. */
  deliveries: Destination[];
  onCall?: OnCall;
  /** The address that it calls. */
  doors(inside: {
    journal: Journal;
    store: JournalStore;
    directory: Pick<PeopleDirectory, "byIdentity">;
  }): { path: string; handle(request: Request): Promise<Response> }[];
  /** Wakes people when nothing can be journaled any more. */
  alarms(inside: Pick<Parameters<typeof createStoreAlarm>[0], "core" | "clock" | "logger">): {
    start(): void;
    stop(): Promise<void>;
  }[];
}

/** The pager that this installation is configured for, if any. Its client is loaded only then. */
export async function openPager({ pagerDuty, publicUrl, requestTimeoutMs }: Pagers): Promise<OpenPager> {
  if (!pagerDuty) return { deliveries: [], doors: () => [], alarms: () => [] };
  const { createPagerDutyClient } = await import("./pagerduty-client.ts");
  const { createPagerDuty } = await import("./pagerduty.ts");
  const { createPagerDutyOnCall } = await import("./on-call.ts");
  const { createPagerDutyDoor } = await import("./door.ts");
  // It answers from far away: longer than a vendor inside the regions.
  const client = createPagerDutyClient({ ...pagerDuty, requestTimeoutMs: 5 * requestTimeoutMs });
  const port = createPagerDuty(client, pagerDuty);
  const { notes, shows } = port;
  const { webhookSecret: secret } = pagerDuty;
  return {
    port,
    deliveries: [
      createPagerDestination(port, publicUrl),
      ...(shows ? [createShownDestination({ ...port, shows })] : []),
      ...(notes ? [createNotesDestination({ ...port, notes })] : []),
    ],
    ...(pagerDuty.apiToken !== undefined && { onCall: createPagerDutyOnCall(client, pagerDuty) }),
    alarms: (inside) => [
      createStoreAlarm({ ...inside, pager: port, ...(publicUrl !== undefined && { url: publicUrl }) }),
    ],
    doors({ journal, store, directory }) {
      if (secret === undefined) return [];
      const personOf = (account: string) => directory.byIdentity(port.id, account);
      const inbound = createPagerInbound({ pager: port, journal, store, personOf });
      return [createPagerDutyDoor({ secret, handle: inbound.handle })];
    },
  };
}
