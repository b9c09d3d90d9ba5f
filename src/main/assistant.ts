import { limitsOf, type ModelsFile, modelsFile } from "../assistant/endpoints.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { modelChecks } from "../doctor/model-checks.ts";
import { monitorChecks } from "../doctor/monitor-checks.ts";

/** The clients of language models are large: nobody loads them who has none configured. */
export async function openAssistant(config: Config) {
  const { modelsPath, secret } = config;
  if (modelsPath === undefined) return {};
  const models = await modelsFile.load(modelsPath);
  const { openModel } = await import("../../adapters/model/index.ts");
  const { prompts, askPrompt, statusWording: wording } = await import("../../prompts/index.ts");
  const model = openModel({ models, secret, clock: systemClock });
  const monitor = await openMonitor(config);
  const questions = { prompt: askPrompt, limits: models.questions, ...(monitor && { monitor }) };
  return { assistant: { model, prompts, ...limitsOf(models), wording, questions } };
}

export async function assistantChecks(config: Config) {
  const { modelsPath, secret } = config;
  if (modelsPath === undefined) return modelChecks();
  const { openModel } = await import("../../adapters/model/index.ts");
  const open = (models: ModelsFile) => openModel({ models, secret, clock: systemClock });
  const monitor = await openMonitor(config);
  return [...modelChecks({ models: await modelsFile.load(modelsPath), open }), ...monitorChecks(monitor)];
}

async function openMonitor({ monitorPath, secret }: Config) {
  if (monitorPath === undefined) return undefined;
  const { configuredMonitor } = await import("../../adapters/monitor/index.ts");
  return await configuredMonitor({ monitorPath, secret }, systemClock);
}
