import { chatChecks } from "../../adapters/chat/index.ts";
import { pagerChecks } from "../../adapters/pager/checks.ts";
import { statusPageChecks } from "../../adapters/status-page/checks.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { doctorText } from "../cli/doctor.ts";
import type { Config } from "../config.ts";
import { baseChecks } from "../doctor/base-checks.ts";
import { runChecks } from "../doctor/check.ts";
import { planChecks } from "../doctor/plan-checks.ts";
import { assistantChecks } from "./assistant.ts";
import { openAdapters, readPlan } from "./open.ts";

/** Looks at everything that the configuration names, with its credentials, and says what to mend. */
export async function doctor(argv: string[], config: Config): Promise<number> {
  const { requestTimeoutMs, dataDirectory, storeUrl } = config;
  const adapters = openAdapters(config);
  const { registry } = adapters;
  const plan = await readPlan(config, registry);
  const openStore = async () => {
    if (!storeUrl) return openSqliteReader({ directory: dataDirectory });
    return (await import("../../adapters/store/postgres-reader.ts")).openPostgresReader(storeUrl);
  };
  const found = await runChecks([
    ...baseChecks(config, openStore),
    ...(await chatChecks(config)),
    ...(await assistantChecks(config)),
    ...statusPageChecks(config, plan),
    ...(await pagerChecks(config)),
    ...planChecks({ plan, registry, requestTimeoutMs }),
  ]);
  await adapters.close();
  console.log(argv.includes("--json") ? JSON.stringify(found, undefined, 2) : doctorText(found, process.stdout.isTTY));
  return found.some(({ state }) => state === "failed") ? 1 : 0;
}
