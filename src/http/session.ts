import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * A session is a signed cookie and nothing else: there is no list of sessions to bound or to lose. It names a
 * principal and the token that opened it; both are looked up again at every request, so that whoever is removed, or
 * whose token is revoked, is out at once.
 */
export interface Sessions {
  /** Without a credential where people say who they are. */
  issue(principal: string, credential?: string): string;
  /** Undefined when the cookie is forged, damaged or too old. */
  read(cookie: string | undefined): Session | undefined;
}

export interface Session {
  principal: string;
  credential?: string;
}

export const SESSION_TTL_MS = 12 * 3_600_000;

export function createSessions(secret: string, now: () => number = Date.now): Sessions {
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest();
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  const decode = (text: string) => Buffer.from(text, "base64url").toString();
  return {
    issue: (principal, credential = "") => {
      const text = `${encode(principal)}.${now() + SESSION_TTL_MS}.${encode(credential)}`;
      return `${text}.${sign(text).toString("base64url")}`;
    },
    read: (cookie) => {
      const [name = "", until = "", by = "", signature = "", ...more] = (cookie ?? "").split(".");
      const given = Buffer.from(signature, "base64url");
      const wanted = sign(`${name}.${until}.${by}`);
      if (more.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      if (Number(until) <= now()) return undefined;
      return { principal: decode(name), ...(by !== "" && { credential: decode(by) }) };
    },
  };
}
