import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const CLIENT = join(import.meta.dirname, "..", "..", "adapters", "kubernetes", "client.ts");

/** In a process of its own, where nothing else has loaded the client; prints the files of it that were loaded. */
const PROGRAM = `
  import { registerHooks } from "node:module";
  const files = [];
  registerHooks({
    load(url, context, next) {
      const file = url.split("/@kubernetes/client-node/dist/")[1];
      if (file) files.push(file);
      return next(url, context);
    },
  });
  const { loadClient } = await import(${JSON.stringify(CLIENT)});
  const { KubeConfig } = await loadClient();
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "one", server: "http://127.0.0.1:1" }, { name: "user", token: "none" });
  console.log(JSON.stringify({ files, server: config.getCurrentCluster().server }));
`;

describe("Kubernetes's client", () => {
  it("is loaded without the APIs that nobody asks for", async () => {
    const words = ["--input-type=module", "--eval", PROGRAM];
    const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1024 * 1024 });
    const { files, server } = JSON.parse(stdout) as { files: string[]; server: string };
    expect(server).toBe("http://127.0.0.1:1");
    const generated = files.filter((file) => !file.startsWith("gen/models/") && file.startsWith("gen/"));
    expect(generated).toContain("gen/apis/AppsV1Api.js");
    expect(generated.filter((file) => file.startsWith("gen/apis/") && file.endsWith("Api.js"))).toHaveLength(1);
    expect(generated.filter((file) => file.startsWith("gen/types/"))).toEqual([]);
    expect(generated).not.toContain("gen/index.js");
  });
});
