import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isFromSlack } from "../../../adapters/chat/slack/verify.ts";

const SECRET = "lab-signing-secret";
const NOW_MS = 1_700_000_000_000;
const body = "command=%2Fdr&text=status";

function request(change: { at?: number; secret?: string; body?: string; signature?: string } = {}) {
  const timestamp = String(change.at ?? NOW_MS / 1_000);
  const mac = createHmac("sha256", change.secret ?? SECRET)
    .update(`v0:${timestamp}:${body}`)
    .digest("hex");
  const headers = new Headers({
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": change.signature ?? `v0=${mac}`,
  });
  return { headers, body: change.body ?? body };
}

const passes = (change?: Parameters<typeof request>[0]) => isFromSlack(request(change), SECRET, NOW_MS);

describe("a request's signature", () => {
  it("is taken when it is Slack's and of now", () => {
    expect(passes()).toBe(true);
    expect(passes({ at: NOW_MS / 1_000 - 299 })).toBe(true);
  });

  it("is refused outside of five minutes, in the past and in the future", () => {
    expect(passes({ at: NOW_MS / 1_000 - 301 })).toBe(false);
    expect(passes({ at: NOW_MS / 1_000 + 301 })).toBe(false);
    expect(passes({ at: NOW_MS / 1_000 + 3_600 })).toBe(false);
  });

  it("is refused for another body, another secret, another form, or none", () => {
    expect(passes({ body: `${body}&text=failover` })).toBe(false);
    expect(passes({ secret: "another" })).toBe(false);
    expect(passes({ signature: "v0=00" })).toBe(false);
    expect(passes({ signature: "" })).toBe(false);
    expect(isFromSlack({ headers: new Headers(), body }, SECRET, NOW_MS)).toBe(false);
    expect(isFromSlack({ headers: new Headers({ "x-slack-request-timestamp": "now" }), body }, SECRET, NOW_MS)).toBe(
      false,
    );
  });
});
