import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

export const ISSUER = "https://api.botframework.com";

/** Changes to what the Connector would sign; each makes a token that must be refused. */
export interface Forgery {
  key?: "somebody-elses";
  claims?: Record<string, unknown>;
}

/** Signs as the Bot Connector does: RSA keys that its metadata publishes. */
export function createSigner(appId: string) {
  const kid = "lab-key-1";
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const strange = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n, e } = own.publicKey.export({ format: "jwk" });

  return {
    keys: { keys: [{ kty: "RSA", use: "sig", kid, x5t: kid, n, e, endorsements: ["msteams"] }] },
    sign(serviceUrl: string, { key, claims = {} }: Forgery = {}): string {
      const now = Math.floor(Date.now() / 1_000);
      const payload = { iss: ISSUER, aud: appId, serviceurl: serviceUrl, nbf: now - 60, exp: now + 3_600, ...claims };
      return jwt({ alg: "RS256", typ: "JWT", kid, x5t: kid }, payload, key ? strange.privateKey : own.privateKey);
    },
  };
}

function jwt(header: object, payload: object, key: KeyObject): string {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}
