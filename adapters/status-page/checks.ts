import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { type Config, secretVariable } from "../../src/config.ts";
import type { Check, Finding } from "../../src/doctor/check.ts";
import { count, list } from "../../src/format.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { mailChecks } from "../mail/checks.ts";
import { createStatuspageClient } from "./atlassian-client.ts";
import { listComponents } from "./atlassian-components.ts";
import { type PublicCopy, readCopy } from "./read-copy.ts";

type Pages = Pick<
  Config,
  "statusPageDirectory" | "statusPageUrl" | "statuspage" | "mail" | "requestTimeoutMs" | "secret" | "modelsPath"
>;

/** What the doctor looks at: can each page be written, and does it have the plan's components? Posts nothing. */
export function statusPageChecks(config: Pages, plan: Pick<Plan, "communication">): Check[] {
  const { communication } = plan;
  if (!communication) {
    const said = "The plan says nothing of communication: nothing is published.";
    return [{ area: "status page", name: "none", run: async () => ({ state: "off", said }) }];
  }
  const own: Check = { area: "status page", name: "own", run: () => directoryFinding(config.statusPageDirectory) };
  const { statuspage, statusPageUrl: url } = config;
  const requestTimeoutMs = 5 * config.requestTimeoutMs;
  const read: Check[] =
    url === undefined
      ? []
      : [{ area: "status page", name: "public", run: (signal) => publicFinding({ url, requestTimeoutMs }, signal) }];
  const others = [
    ...wordingChecks(config, communication),
    ...webhookChecks(config, communication),
    ...mailChecks(config, communication),
  ];
  if (!statuspage) return [own, ...read, ...others];
  const names = Object.values(communication.components).map(({ name }) => name);
  const client = createStatuspageClient({ ...statuspage, requestTimeoutMs });
  return [
    own,
    ...read,
    { area: "status page", name: "Statuspage", run: (signal) => componentsFinding(client, names, signal) },
    ...others,
  ];
}

/** Nobody would notice by the page: the templates write as well. */
function wordingChecks({ modelsPath }: Pages, { wording }: NonNullable<Plan["communication"]>): Check[] {
  if (wording === undefined || modelsPath !== undefined) return [];
  const said = "The plan wants a model's words, and no model is configured: the templates write.";
  const fix = "Set MUSTER_MODELS (docs/assistant.md), or take wording out of the plan's communication.";
  return [{ area: "status page", name: "wording", run: async () => ({ state: "warning", said, fix }) }];
}

/** Nothing is sent: an address that gets something takes it for an update. */
function webhookChecks({ secret }: Pages, { webhooks = {} }: NonNullable<Plan["communication"]>): Check[] {
  return Object.entries(webhooks).map(([name, { urlFrom, secretFrom }]) => ({
    area: "webhook",
    name,
    async run(): Promise<Finding> {
      const missing = [urlFrom, secretFrom].filter((one) => secret(one) === undefined).map(secretVariable);
      if (missing.length === 0) return { state: "ok", said: "Its address and what signs it are set." };
      return { state: "failed", said: `${list(missing)} must be set.`, fix: `Set ${list(missing)}.` };
    },
  }));
}

async function directoryFinding(directory: string | undefined): Promise<Finding> {
  if (directory === undefined) {
    return {
      state: "warning",
      said: "The page is served at /status only, and is away whenever Muster is.",
      fix: "Set MUSTER_STATUS_PAGE, and have that directory copied to a place outside the regions.",
    };
  }
  try {
    await access(directory, constants.W_OK);
    return { state: "ok", said: `The page is written to ${directory}.` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { state: "ok", said: `${directory} will be made when the server starts.` };
    const fix = "Give Muster's user the right to write there, or name another directory in MUSTER_STATUS_PAGE.";
    return { state: "failed", said: `${directory} cannot be written (${code}).`, fix };
  }
}

/** Is that page to be read where the public reads it? */
async function publicFinding(copy: PublicCopy, signal: AbortSignal): Promise<Finding> {
  const found = await readCopy(copy, [], signal);
  if (found.state === "read") return { state: "ok", said: `The public reads it at ${copy.url}.` };
  const fix = "Give in MUSTER_STATUS_PAGE_URL the address under which index.html and status.json lie.";
  return { state: "failed", said: `It cannot be read at ${copy.url} (${found.summary}).`, fix };
}

async function componentsFinding(
  client: ReturnType<typeof createStatuspageClient>,
  names: string[],
  signal: AbortSignal,
): Promise<Finding> {
  const known = await listComponents(client, signal);
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return { state: "ok", said: `It has ${count(names.length, "component")} of the plan's.` };
  return {
    state: "failed",
    said: `It has no component ${missing.map((name) => `"${name}"`).join(", ")}.`,
    fix: "Add it there under that name, or change communication.components in the plan.",
  };
}
