import { openModel } from "../../../adapters/model/index.ts";
import type { Scene } from "../../../lab/model/scenes.ts";
import { startModelServer } from "../../../lab/model/server.ts";
import { ModelsFile } from "../../../src/assistant/endpoints.ts";
import { systemClock } from "../../../src/clock.ts";
import { type Behaviour, CALLS, modelContract, NOTE } from "../../contracts/model.ts";

const SCENES: Record<Behaviour, Scene> = {
  writes: { does: "writes", output: NOTE },
  "writes-without-usage": { does: "writes", output: NOTE, usage: false },
  "invalid-json": { does: "says", text: '{"subject": "A' },
  "fenced-json": { does: "says", text: `\`\`\`json\n${JSON.stringify(NOTE)}\n\`\`\`` },
  "extra-keys": { does: "writes", output: { ...NOTE, sql: "drop" } },
  "missing-keys": { does: "writes", output: { subject: "A subject" } },
  "cut-off": { does: "is-cut", text: '{"subject": "A' },
  refuses: { does: "refuses", text: "I cannot help with that." },
  "filters-prompt": { does: "filters-prompt" },
  "filters-output": { does: "filters-output" },
  throttles: { does: "throttles" },
  "throttles-1-s": { does: "throttles", retryAfterSeconds: 1 },
  "throttles-120-s": { does: "throttles", retryAfterSeconds: 120 },
  "fails-500": { does: "fails", status: 500 },
  "fails-503": { does: "fails", status: 503 },
  "fails-408": { does: "fails", status: 408 },
  "retired-410": { does: "fails", status: 410, code: "ModelDeprecated" },
  "unknown-404": { does: "fails", status: 404, code: "DeploymentNotFound" },
  hangs: { does: "hangs" },
  stalls: { does: "stalls-midway" },
  breaks: { does: "breaks-midway" },
  "chooses-nothing": { does: "chooses-nothing" },
  "shows-a-page": { does: "shows-a-page" },
  "calls-one": { does: "calls", calls: CALLS.slice(0, 1) },
  "calls-two": { does: "calls", calls: CALLS },
  "calls-no-json": { does: "calls", calls: [{ name: "look", text: '{"at": ' }] },
};

modelContract(async () => {
  const of = { key: "the-key", apiVersion: "2024-10-21" };
  const servers = [
    await startModelServer({ ...of, deployment: "gpt-east", model: "gpt-5.1", reasoning: true }),
    await startModelServer({ ...of, deployment: "gpt-west", model: "gpt-4.1" }),
  ] as const;
  const models = ModelsFile.parse({
    deadlineSeconds: 2,
    endpoints: servers.map(({ url }, index) => ({
      name: index === 0 ? "east" : "west",
      region: index === 0 ? "us-east-1" : "eu-central",
      url,
      deployment: index === 0 ? "gpt-east" : "gpt-west",
      model: index === 0 ? "gpt-5.1" : "gpt-4.1",
      apiVersion: "2024-10-21",
      keyFrom: "models",
      ...(index === 0 ? { reasoningEffort: "low" } : { tokenParameter: "max_tokens" }),
    })),
  });
  return {
    model: openModel({ models, secret: () => "the-key", clock: systemClock }),
    behave: (endpoint, ...behaviours) => servers[endpoint].play(...behaviours.map((one) => SCENES[one])),
    requests: () => [servers[0].asked.length, servers[1].asked.length],
    names: ["east", "west"],
    regions: ["us-east-1", "eu-central"],
    dispose: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
});
