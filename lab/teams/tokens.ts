import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

export const ISSUER = "https://api.botframework.com";

/** Changes to what the Connector would sign; each makes a token that must be refused. */
export interface Forgery {
  /** `unendorsed`: published, but for no channel. */
  key?: "somebody-elses" | "unendorsed";
  claims?: Record<string, unknown>;
}

/** Signs as the Bot Connector does: RSA keys that its metadata publishes. */
export function createSigner(appId: string) {
  const kid = "lab-key-1";
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const otherKid = "lab-key-2";
  const published = ({ publicKey }: typeof own, name: string) => {
    const { n, e } = publicKey.export({ format: "jwk" });
    return { kty: "RSA", use: "sig", kid: name, x5t: name, n, e };
  };

  return {
    keys: { keys: [{ ...published(own, kid), endorsements: ["msteams"] }, published(other, otherKid)] },
    sign(serviceUrl: string, { key, claims = {} }: Forgery = {}): string {
      const now = Math.floor(Date.now() / 1_000);
      const payload = { iss: ISSUER, aud: appId, serviceurl: serviceUrl, nbf: now - 60, exp: now + 3_600, ...claims };
      const named = key === "unendorsed" ? otherKid : kid;
      const header = { alg: "RS256", typ: "JWT", kid: named, x5t: named };
      return jwt(header, payload, key ? other.privateKey : own.privateKey);
    },
  };
}

function jwt(header: object, payload: object, key: KeyObject): string {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}
