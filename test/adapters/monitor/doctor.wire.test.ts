import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { SERVER_FLAGS } from "../../../src/server-flags.ts";
import { root } from "../../architecture/sources.ts";
import { CACHE, startAzure, WORKSPACE } from "../../helpers/azure.ts";
import { startModel } from "../../helpers/model.ts";

/** Muster itself, with nothing but its files and its environment, and an authority that the machine was told to trust. */
it("muster doctor asks the models and the monitor of the configuration", async () => {
  const [azure, model] = [await startAzure(), await startModel({ deadlineSeconds: 5 })];
  const directory = mkdtempSync(join(tmpdir(), "muster-doctor-"));
  onTestFinished(async () => {
    await azure.close();
    await model.server.close();
    rmSync(directory, { recursive: true });
  });
  azure.server.fill(WORKSPACE, [{ name: "Message", type: "string" }], [["a"], ["b"]]);
  azure.server.measure(CACHE, "serverLoad", "Percent", [1, 2]);
  model.server.play({ does: "writes", output: { ready: true } });
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const env = {
    PATH: process.env.PATH,
    MUSTER_DATA: directory,
    MUSTER_MODELS: file("models.yaml", stringify(model.models)),
    MUSTER_MONITOR: file("monitor.yaml", stringify(azure.file)),
    MUSTER_SECRET_MODELS: "the-key",
    MUSTER_SECRET_READER: "the-secret",
    NODE_EXTRA_CA_CERTS: file("ca.pem", azure.ca),
  };
  const found = await new Promise<{ area: string; name: string; state: string; said: string }[]>((resolve, reject) => {
    const words = [...SERVER_FLAGS, join(root, "src", "main.ts"), "doctor", "--json"];
    execFile(process.execPath, words, { env, cwd: root }, (_, stdout, stderr) => {
      if (stdout === "") reject(new Error(stderr));
      else resolve(JSON.parse(stdout));
    });
  });
  const of = (area: string) => found.filter((one) => one.area === area).map(({ name, state }) => `${name}: ${state}`);
  expect(of("model")).toEqual(["east: ok"]);
  expect(of("monitor")).toEqual([
    "logs api-errors: ok",
    "logs elsewhere: failed",
    "metric load: ok",
    "metric unknown: failed",
  ]);
  expect(JSON.stringify(found)).not.toMatch(/the-key|the-secret/);
});
