import type { Config } from "../../src/config.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { createAtlassianStatuspage } from "./atlassian.ts";
import { createSelfHostedPage } from "./self-hosted.ts";

type Pages = Pick<Config, "statusPageDirectory" | "statuspage" | "requestTimeoutMs">;

/** The pages that this installation tells the public on; its own is always there. */
export function openStatusPages({ statusPageDirectory, statuspage, requestTimeoutMs }: Pages): StatusPagePort[] {
  const own = createSelfHostedPage(statusPageDirectory === undefined ? {} : { directory: statusPageDirectory });
  // It answers from far away: as long again as a vendor inside the regions.
  const others = statuspage
    ? [createAtlassianStatuspage({ ...statuspage, requestTimeoutMs: 5 * requestTimeoutMs })]
    : [];
  return [own, ...others];
}
