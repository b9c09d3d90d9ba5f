import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTokens } from "../../adapters/chat/teams/tokens.ts";
import { askAzure } from "../../adapters/model/azure.ts";
import { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import { serveFetch } from "../helpers/serve.ts";

const SECRET = "the-secret-of-this-vendor";

/** A vendor whose address sends on to somebody else's, and everything that arrives there. */
async function sentOn(status: number) {
  const arrived: string[] = [];
  const elsewhere = await serveFetch(async (request) => {
    arrived.push(`${request.method} ${JSON.stringify([...request.headers])} ${await request.text()}`);
    return Response.json({});
  });
  const url = await serveFetch(() => new Response(null, { status, headers: { location: `${elsewhere}/taken` } }));
  return { url, arrived };
}

describe.each([301, 307, 308])("an address that answers %i is not followed", (status) => {
  it("with the key, and the prompt, of a model", async () => {
    const { url, arrived } = await sentOn(status);
    const endpoint = ModelEndpoint.parse({
      name: "east",
      region: "us-east-1",
      url,
      deployment: "d",
      model: "gpt-4.1",
      apiVersion: "2024-10-21",
      keyFrom: "models",
    });
    const answer = await askAzure(
      endpoint,
      { key: SECRET },
      {
        prompt: { id: "p", version: 1, system: "s", user: "what the journal says" } as never,
        schema: z.object({ subject: z.string() }),
        signal: AbortSignal.timeout(5_000),
      },
    );
    expect(answer).toMatchObject({ error: { code: "vendor-unavailable" }, next: "elsewhere" });
    expect(arrived).toEqual([]);
  });

  it("with the client secret of Teams", async () => {
    const { url, arrived } = await sentOn(status);
    const tokens = createTokens({ loginUrl: url, tenantId: "t", appId: "a", appPassword: SECRET });
    await expect(tokens("scope")).rejects.toMatchObject({ code: "vendor-unavailable" });
    expect(arrived).toEqual([]);
  });
});
