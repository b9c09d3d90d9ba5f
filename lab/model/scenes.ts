import type { ServerResponse } from "node:http";
import { sendJson } from "../http.ts";

/** Tokens, as Azure names them. */
export interface ScriptedUsage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** What the model does with one request. */
export type Scene =
  | { does: "writes"; output: unknown; usage?: false | ScriptedUsage }
  /** The text as it stands, JSON or not. */
  | { does: "says"; text: string }
  /** Wants tools called; a `text` in place of an input is sent as it stands, JSON or not. */
  | { does: "calls"; calls: ({ name: string; input: unknown } | { name: string; text: string })[] }
  | { does: "is-cut"; text: string }
  | { does: "refuses"; text: string }
  | { does: "filters-prompt" }
  | { does: "filters-output" }
  | { does: "throttles"; retryAfterSeconds?: number }
  | { does: "fails"; status: number; code?: string }
  | { does: "hangs" }
  | { does: "stalls-midway" }
  | { does: "breaks-midway" }
  | { does: "chooses-nothing" }
  | { does: "shows-a-page" };

/** Plays one scene in Azure's wire format. `id` is unique, as a client may keep messages by it. */
export function play(scene: Scene, res: ServerResponse, id: string, model: string): void {
  const choose = (message: Record<string, unknown>, finish = "stop", extra: Record<string, unknown> = {}) =>
    sendJson(res, 200, completion(id, model, [choiceOf(message, finish, extra)]));
  switch (scene.does) {
    case "writes": {
      const body = completion(id, model, [choiceOf({ content: JSON.stringify(scene.output), refusal: null })]);
      const { usage: _, ...bare } = body;
      const { usage = body.usage } = scene;
      const total = usage === false ? 0 : usage.prompt_tokens + usage.completion_tokens;
      sendJson(res, 200, usage === false ? bare : { ...bare, usage: { ...usage, total_tokens: total } });
      break;
    }
    case "says":
      choose({ content: scene.text, refusal: null });
      break;
    case "calls":
      choose(
        { content: null, refusal: null, tool_calls: scene.calls.map((call, index) => callOf(call, `${id}-${index}`)) },
        "tool_calls",
      );
      break;
    case "is-cut":
      choose({ content: scene.text, refusal: null }, "length");
      break;
    case "refuses":
      choose({ content: null, refusal: scene.text });
      break;
    case "filters-output":
      choose({ content: "", refusal: null }, "content_filter", {
        content_filter_results: { ...CLEAN, violence: { filtered: true, severity: "high" } },
      });
      break;
    case "filters-prompt":
      fail(res, 400, "content_filter", {
        innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: CLEAN },
      });
      break;
    case "throttles":
      if (scene.retryAfterSeconds !== undefined) res.setHeader("retry-after", String(scene.retryAfterSeconds));
      fail(res, 429, "429");
      break;
    case "fails":
      fail(res, scene.status, scene.code ?? String(scene.status));
      break;
    case "chooses-nothing":
      sendJson(res, 200, completion(id, model, []));
      break;
    case "shows-a-page":
      res.writeHead(200, { "content-type": "text/html" });
      res.end("<html><body>Sign in to the proxy</body></html>");
      break;
    case "hangs":
      break;
    case "stalls-midway":
    case "breaks-midway": {
      const text = JSON.stringify(completion(id, model, [choiceOf({ content: "{}", refusal: null })]));
      res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
      res.write(text.slice(0, text.length / 2), () => {
        if (scene.does === "breaks-midway") res.destroy();
      });
      break;
    }
  }
}

function callOf(call: { name: string; input?: unknown; text?: string }, id: string) {
  const text = call.text ?? JSON.stringify(call.input);
  return { id: `call_${id}`, type: "function", function: { name: call.name, arguments: text } };
}

const CLEAN = Object.fromEntries(
  ["hate", "self_harm", "sexual", "violence"].map((name) => [name, { filtered: false, severity: "safe" }]),
);

function choiceOf(message: Record<string, unknown>, finish = "stop", extra: Record<string, unknown> = {}) {
  return {
    index: 0,
    finish_reason: finish,
    logprobs: null,
    message: { role: "assistant", ...message },
    content_filter_results: CLEAN,
    ...extra,
  };
}

function completion(id: string, model: string, choices: unknown[]) {
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: 1_767_225_600,
    model,
    system_fingerprint: "fp_lab",
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: CLEAN }],
    choices,
    usage: { prompt_tokens: 1_200, completion_tokens: 300, total_tokens: 1_500 },
  };
}

export function fail(res: ServerResponse, status: number, code: string, extra: Record<string, unknown> = {}): void {
  sendJson(res, status, { error: { code, message: `The lab's model answers ${code}.`, ...extra } });
}
