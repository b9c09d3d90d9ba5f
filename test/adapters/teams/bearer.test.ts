import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createBearerCheck } from "../../../adapters/chat/teams/bearer.ts";
import { serveFetch } from "../../helpers/serve.ts";

const APP = "44444444-4444-4444-8444-444444444444";
const ISSUER = "https://api.botframework.com";

async function newKey(kid: string, more: object = {}) {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: "sig", ...more };
  const sign = (claims: object = {}, header: object = {}) =>
    new SignJWT({ serviceurl: "https://smba.example/", ...claims })
      .setProtectedHeader({ alg: "RS256", kid, ...header })
      .setIssuer(ISSUER)
      .setAudience(APP)
      .setNotBefore("-1m")
      .setExpirationTime("1h");
  return { jwk, token: async (claims?: object) => `Bearer ${await sign(claims).sign(privateKey)}`, privateKey, sign };
}

const now = () => Math.floor(Date.now() / 1_000);
const refused = { code: "not-authenticated" };

describe("a token of the Bot Connector", () => {
  let key: Awaited<ReturnType<typeof newKey>>;
  let keys: JWK[];
  let away: boolean;
  let check: ReturnType<typeof createBearerCheck>;

  beforeEach(async () => {
    key = await newKey("one", { endorsements: ["msteams", "webchat"] });
    keys = [key.jwk];
    away = false;
    const url = await serveFetch((request) => {
      if (away) return new Response("", { status: 503 });
      if (request.url.endsWith("/keys")) return Response.json({ keys });
      return Response.json({ issuer: ISSUER, jwks_uri: `${new URL(request.url).origin}/keys` });
    });
    check = createBearerCheck({ openIdMetadataUrl: `${url}/openidconfiguration`, appId: APP, newKeysAfterMs: 0 });
  });

  it("says for which service and which channels it is", async () => {
    const bearer = await check(await key.token());
    expect(bearer.serviceUrl).toBe("https://smba.example/");
    expect(["msteams", "directline"].map(bearer.mayFor)).toEqual([true, false]);
  });

  it("holds within five minutes of skew, and no longer", async () => {
    const { privateKey, sign } = key;
    const signed = async (from: number, to: number) =>
      `Bearer ${await sign().setNotBefore(from).setExpirationTime(to).sign(privateKey)}`;
    await check(await signed(now() + 240, now() + 3_600));
    await check(await signed(now() - 3_600, now() - 240));
    await expect(check(await signed(now() + 400, now() + 3_600))).rejects.toMatchObject(refused);
    await expect(check(await signed(now() - 3_600, now() - 400))).rejects.toMatchObject(refused);
  });

  it("is refused for another issuer, another app, no end, another key and another algorithm", async () => {
    const { privateKey, sign } = key;
    const other = await newKey("one");
    const endless = new SignJWT({}).setProtectedHeader({ alg: "RS256", kid: "one" }).setIssuer(ISSUER).setAudience(APP);
    const forged = [
      sign().setIssuer("https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/").sign(privateKey),
      sign().setAudience("another").sign(privateKey),
      endless.sign(privateKey),
      sign().sign(other.privateKey),
      sign({}, { kid: "two" }).sign(privateKey),
      sign({}, { alg: "PS256" }).sign((await generateKeyPair("PS256")).privateKey),
      sign({}, { alg: "HS256" }).sign(new TextEncoder().encode("x".repeat(64))),
    ];
    for (const one of forged) await expect(check(`Bearer ${await one}`)).rejects.toMatchObject(refused);
    const [, body] = (await key.token()).split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    for (const header of ["", "Bearer", "Bearer x", `Bearer ${none}.${body}.`, `Basic ${await key.token()}`])
      await expect(check(header)).rejects.toMatchObject(refused);
  });

  it("holds by a key that is new in the list, and no more by one that has left it", async () => {
    await check(await key.token());
    const old = await key.token();
    const next = await newKey("two");
    keys = [next.jwk];
    await check(await next.token());
    await expect(check(old)).rejects.toMatchObject(refused);
  });

  it("waits for keys that cannot be read, lets nobody in meanwhile, and looks again", async () => {
    away = true;
    await expect(check(await key.token())).rejects.toMatchObject({ code: "vendor-unavailable", retryable: true });
    away = false;
    await check(await key.token());
  });
});
