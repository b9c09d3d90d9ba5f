import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openModel } from "../../../adapters/model/index.ts";
import { type Authority, startAuthority } from "../../../lab/azure/authority.ts";
import { type ModelServer, startModelServer } from "../../../lab/model/server.ts";
import { makeTls, type Tls } from "../../../lab/tls.ts";
import { ModelsFile, modelsFile } from "../../../src/assistant/endpoints.ts";
import { systemClock } from "../../../src/clock.ts";
import { reportError } from "../../../src/errors.ts";

const [tenantId, clientId] = ["00000000-0000-4000-8000-0000000000aa", "00000000-0000-4000-8000-0000000000bb"];
const Note = z.strictObject({ subject: z.string() });
const prompt = { name: "note@1", system: "Write.", user: "About it." };

let tls: Tls;
let authority: Authority;
let server: ModelServer;
beforeEach(async () => {
  tls = makeTls();
  authority = await startAuthority({ tls, tenantId, clientId, secret: "the-secret" });
  const of = { key: "nobody-has-it", deployment: "gpt", model: "gpt-5.1", apiVersion: "2024-10-21" };
  server = await startModelServer({ ...of, scopeOf: authority.scopeOf });
  server.play({ does: "writes", output: { subject: "A subject" } });
});
afterEach(async () => {
  await server.close();
  await authority.close();
});

function open(secret: string | undefined, ca: string | undefined = tls.ca) {
  const signIn = { as: "client-secret", tenantId, clientId, secretFrom: "models", authority: authority.url };
  const of = { name: "east", region: "us-east-1", deployment: "gpt", model: "gpt-5.1", apiVersion: "2024-10-21" };
  const models = ModelsFile.parse({ deadlineSeconds: 10, endpoints: [{ ...of, url: server.url, signIn }] });
  return openModel({ models, secret: () => secret, clock: systemClock, ...(ca !== undefined && { ca }) });
}

describe("signing in to Entra ID in place of a key", () => {
  it("carries a token for the model's scope, asked for once", async () => {
    const model = open("the-secret");
    for (const _ of [1, 2]) {
      const answer = await model.complete({ prompt, schema: Note, signal: AbortSignal.timeout(10_000) });
      expect(answer).toMatchObject({ output: { subject: "A subject" }, endpoint: "east" });
    }
    expect(authority.issued).toEqual(["https://cognitiveservices.azure.com/.default"]);
    expect(server.refused).toEqual([]);
  });

  it("that is refused leaves the endpoint alone, and shows no secret", async () => {
    const model = open("a-wrong-secret");
    const asked = () =>
      model.complete({ prompt, schema: Note, signal: AbortSignal.timeout(10_000) }).then(
        () => expect.fail("it answered"),
        (error: unknown) => reportError(error),
      );
    const error = await asked();
    expect(error).toMatchObject({ code: "vendor-rejected", hint: expect.stringContaining("signIn") });
    expect(JSON.stringify(error)).not.toContain("a-wrong-secret");
    expect(await asked()).toMatchObject({ code: "vendor-unavailable" });
    expect(server.asked).toEqual([]);
  });

  it("that hangs ends when nobody waits any more", async () => {
    authority.hang();
    const signal = AbortSignal.timeout(400);
    await expect(open("the-secret").complete({ prompt, schema: Note, signal })).rejects.toMatchObject({
      code: "vendor-unavailable",
      summary: expect.stringContaining("could not sign in"),
    });
  });

  it("without its secret says at the start which variable to set", () => {
    expect(() => open(undefined)).toThrowError(
      expect.objectContaining({ code: "config-invalid", hint: expect.stringContaining("MUSTER_SECRET_MODELS") }),
    );
  });

  it("trusts no authority that the machine does not", async () => {
    const model = openModelWithoutCa();
    await expect(model.complete({ prompt, schema: Note, signal: AbortSignal.timeout(8_000) })).rejects.toMatchObject({
      summary: expect.stringContaining("could not sign in"),
    });
    expect(authority.issued).toEqual([]);
  });
});

function openModelWithoutCa() {
  const signIn = { as: "client-secret", tenantId, clientId, secretFrom: "models", authority: authority.url };
  const of = { name: "east", region: "us-east-1", deployment: "gpt", model: "gpt-5.1", apiVersion: "2024-10-21" };
  const models = ModelsFile.parse({ deadlineSeconds: 5, endpoints: [{ ...of, url: server.url, signIn }] });
  return openModel({ models, secret: () => "the-secret", clock: systemClock });
}

describe("a models file", () => {
  const endpoint =
    "endpoints:\n  - name: east\n    region: us-east-1\n    url: https://a.example\n    deployment: d\n    model: gpt-5.1\n    apiVersion: '2024-10-21'\n";
  it.each([
    ["neither a key nor a way to sign in", "", "neither keyFrom nor signIn"],
    ["both", "    keyFrom: models\n    signIn:\n      as: default\n", "both keyFrom and signIn"],
    [
      "an application without its secret",
      "    signIn:\n      as: client-secret\n",
      "needs tenantId, clientId and secretFrom",
    ],
    ["a way that there is not", "    signIn:\n      as: password\n", "as"],
  ])("is refused with its line when it has %s", (_, more, said) => {
    const { settings: models, problems } = modelsFile.check(endpoint + more, "models.yaml");
    expect(models).toBeUndefined();
    expect(problems.map(({ message, line }) => `${line} ${message}`).join("\n")).toMatch(
      new RegExp(`^\\d+ .*${said}`, "m"),
    );
  });

  it("may sign in by managed identity", () => {
    expect(modelsFile.check(`${endpoint}    signIn:\n      as: managed-identity\n`, "models.yaml").problems).toEqual(
      [],
    );
  });
});
