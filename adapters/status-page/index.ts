import type { Config } from "../../src/config.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { createSelfHostedPage } from "./self-hosted.ts";

/** The pages that this installation tells the public on; its own is always there. */
export function openStatusPages({ statusPageDirectory }: Pick<Config, "statusPageDirectory">): StatusPagePort[] {
  return [createSelfHostedPage(statusPageDirectory === undefined ? {} : { directory: statusPageDirectory })];
}
