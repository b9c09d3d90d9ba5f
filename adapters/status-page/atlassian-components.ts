import { z } from "zod";
import type { createStatuspageClient } from "./atlassian-client.ts";

export const Component = z.object({ id: z.string(), name: z.string(), status: z.string() });
export type Component = z.infer<typeof Component>;

const PAGE = 100;
const MOST_PAGES = 20;

/**
 * All components of a page, by name. The vendor gives a hundred at a time, asked for or not.
 * https://developer.statuspage.io/#tag/components
 */
export async function listComponents(
  client: ReturnType<typeof createStatuspageClient>,
  signal: AbortSignal,
): Promise<Map<string, Component>> {
  const known = new Map<string, Component>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    if (page > 1) await client.pause(signal);
    const path = `components?per_page=${PAGE}&page=${page}`;
    const found = await client.call("GET", path, z.array(Component), { signal });
    for (const one of found) known.set(one.name, one);
    if (found.length < PAGE) break;
  }
  return known;
}
