import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { leave, leaveEnvironment } from "../left-behind.ts";
import { labPaths } from "../world/files.ts";
import { secret } from "../world/new-world.ts";
import type { ModelProcessConfig, ModelProcessMessage } from "./main.ts";

export interface ModelEmulator {
  url: string;
  /** Calls back at every request, when it has come in and before it is answered. */
  onAsked(listener: () => void): void;
  /** SIGKILL and SIGSTOP do what they do to a real one: nobody says goodbye. */
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

export interface ModelEmulatorOptions {
  thinkMs?: number;
  deadlineSeconds?: number;
}

const OF = { deployment: "incident-writer", model: "scripted-writer", apiVersion: "2024-10-21" };
export const MODEL_DEADLINE_SECONDS = 5;

/** What a start leaves behind that was killed. */
export function forgetModelEmulator(data: string): void {
  rmSync(labPaths(data).modelEnvironment, { force: true });
}

/**
 * `npm start -- --model-emulator`: a model beside the lab that writes drafts by rule from what it is shown. What a
 * Muster server must be given to reach it lies in the lab's directory while it runs.
 */
export async function startModelEmulator(
  data: string,
  { thinkMs = 300, deadlineSeconds = MODEL_DEADLINE_SECONDS }: ModelEmulatorOptions = {},
): Promise<ModelEmulator> {
  const { models, modelEnvironment } = labPaths(data);
  const key = secret();
  const config: ModelProcessConfig = { ...OF, key, reasoning: true, thinkMs };
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), JSON.stringify(config)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let told = () => {};
  const url = await new Promise<string>((resolve, reject) => {
    child.on("message", (message: ModelProcessMessage) => {
      if ("listening" in message) resolve(message.listening);
      else told();
    });
    child.once("exit", (code) => reject(new Error(`the lab's language model ended with code ${code}`)));
  });
  const endpoint = { ...OF, name: "lab", region: "lab-model", url, keyFrom: "lab-model" };
  leave(models, stringify({ deadlineSeconds, endpoints: [endpoint] }));
  leaveEnvironment(modelEnvironment, { MUSTER_MODELS: models, MUSTER_SECRET_LAB_MODEL: key });
  return {
    url,
    onAsked(listener) {
      told = listener;
    },
    signal: (signal) => void child.kill(signal),
    async close() {
      forgetModelEmulator(data);
      child.kill("SIGKILL");
      await exited;
    },
  };
}
