import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { readText } from "../architecture/sources.ts";
import { type RecoveryWorld, recoveryActionContract } from "../contracts/recovery-action.ts";
import { fakeDirectory, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { page } from "./documents.ts";
import { health } from "./extensions/health.ts";
import { createSetFlag } from "./extensions/set-flag.ts";

/** Where a file is says how it takes others, and in which order: `../src/x.ts` here is `../../../src/x.ts` there. */
function withoutPlace(code: string): string {
  const lines = code
    .replaceAll(/from "(?:\.\.\/)+(?:adapters\/)?/g, 'from "')
    .trim()
    .split("\n");
  const isImport = (line: string) => line.startsWith("import ");
  return [...lines.filter(isImport).toSorted(), ...lines.filter((line) => !isImport(line))].join("\n");
}

describe("docs/extending.md", () => {
  it.each(["health.ts", "set-flag.ts"])("shows what is tried here: %s", (file) => {
    const shown = page("docs/extending.md").blocks.map(({ text }) => withoutPlace(text));
    expect(shown).toContain(withoutPlace(readText(`test/docs/extensions/${file}`)));
  });

  it("shows a command that is understood, carried out and refused like any other", async () => {
    const core = await scenes.calm();
    const logger = { error: () => {} };
    const dispatcher = createDispatcher({ core, commands: [health], directory: fakeDirectory, logger });
    const { card } = await dispatcher.text("/dr health us-east-1", person("observer"));
    expect(card.title).toBe("us-east-1 is healthy");
    await expect(dispatcher.text("health toString", person("observer"))).rejects.toMatchObject({
      code: expect.stringMatching(/bad-input|unknown-region/),
    });
  });
});

/** A service of flags: a value, and a version that every change raises. */
async function startFlags(): Promise<RecoveryWorld> {
  let flag = { value: "off", version: 1 };
  let writes = 0;
  let frozen = false;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (frozen) return;
    if (request.method === "PUT") {
      writes += 1;
      if (request.headers["if-match"] !== `"${flag.version}"`) response.statusCode = 412;
      else flag = { value: body, version: flag.version + 1 };
    }
    response.setHeader("etag", `"${flag.version}"`);
    response.end(flag.value);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    action: createSetFlag(),
    input: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/flag`, value: "on" },
    state: async () => ({ ...flag }),
    writes: async () => writes,
    interfere: async () => {
      flag = { value: "theirs", version: flag.version + 1 };
    },
    disconnect: async () => stop(),
    freeze: async () => {
      frozen = true;
    },
    dispose: async () => stop(),
  };
}

recoveryActionContract({ name: "flags.set-flag", create: startFlags });
