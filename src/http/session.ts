import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * A session is a signed cookie and nothing else: there is no list of sessions to bound or to lose. It names a
 * principal, who is looked up again at every request, so that a removed one is out at once.
 */
export interface Sessions {
  issue(principal: string): string;
  /** The principal, or undefined when the cookie is forged, damaged or too old. */
  read(cookie: string | undefined): string | undefined;
}

export const SESSION_TTL_MS = 12 * 3_600_000;

export function createSessions(secret: string, now: () => number = Date.now): Sessions {
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest();
  return {
    issue: (principal) => {
      const text = `${Buffer.from(principal).toString("base64url")}.${now() + SESSION_TTL_MS}`;
      return `${text}.${sign(text).toString("base64url")}`;
    },
    read: (cookie) => {
      const [name = "", until = "", signature = "", ...more] = (cookie ?? "").split(".");
      const given = Buffer.from(signature, "base64url");
      const wanted = sign(`${name}.${until}`);
      if (more.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      return Number(until) > now() ? Buffer.from(name, "base64url").toString() : undefined;
    },
  };
}
