import { z } from "zod";
import type { Destination } from "../../src/deliveries/port.ts";
import { createPostmortemDestination, type PostmortemBody } from "../../src/status-page/postmortem.ts";
import { createStatuspageClient, type StatuspageOptions } from "./atlassian-client.ts";

const LONGEST_BODY = 20_000;

/** https://developer.statuspage.io/#tag/incident-postmortem: a draft, which this never publishes. */
export function createStatuspagePostmortem(options: StatuspageOptions): Destination<PostmortemBody> {
  const client = createStatuspageClient(options);
  return createPostmortemDestination({
    page: "statuspage",
    paceMs: client.paceMs,
    async save({ incident, facts }, signal) {
      // Loaded when an incident is over, which is seldom.
      const { createPostmortemWriter } = await import("../../src/comms/words.ts");
      const body = { postmortem: { body_draft: createPostmortemWriter()(facts).slice(0, LONGEST_BODY) } };
      const path = `incidents/${encodeURIComponent(incident)}/postmortem`;
      await client.call("PUT", path, z.unknown(), { signal, body });
    },
  });
}
