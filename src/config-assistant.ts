import { z } from "zod";

/** What the environment says of the assistant. Read by `loadConfig` alone, with everything else. */
export const assistantEnvironment = {
  MUSTER_MODELS: z.string().max(4_000).optional().meta({
    example: "deploy/models.yaml",
    description:
      "Deployments of a language model that drafts reports and answers questions (docs/assistant.md); templates alone without it.",
  }),
  MUSTER_MONITOR: z.string().max(4_000).optional().meta({
    example: "deploy/monitor.yaml",
    description: "Questions to Azure Monitor that the assistant may ask (docs/assistant.md).",
  }),
};

/** With these set, the model's client sends every prompt to a third party. */
const TRACING = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"];

export function assistantProblems(
  {
    MUSTER_MODELS: models,
    MUSTER_MONITOR: monitor,
  }: { MUSTER_MODELS?: string | undefined; MUSTER_MONITOR?: string | undefined },
  env: Record<string, string | undefined>,
): string[] {
  const alone = "MUSTER_MONITOR is what the assistant looks at, and there is none: set MUSTER_MODELS, or unset it.";
  return [...(models ? TRACING.filter((name) => env[name]).map(traced) : []), ...(monitor && !models ? [alone] : [])];
}

function traced(variable: string): string {
  return `${variable} would send prompts, and with them the journal's events, to LangSmith: unset it.`;
}
