import { describe, expect, it } from "vitest";
import { secretFindings, show } from "../../src/plans/secrets.ts";

// Put together here, so that no scanner of this repository takes them for real ones.
const secrets = [
  ["an AWS access key", `id ${"AKIA"}ABCDEFGHIJKLMNOP`],
  ["a URL with a password in it", "redis://default:hunter2@sessions.example:6379"],
  ["a private key", `${"-----BEGIN"} RSA PRIVATE KEY-----`],
  ["a Slack token", `${"xoxb"}-1234567890-abcdef`],
  ["a GitHub token", `${"ghp_"}${"a1".repeat(18)}`],
  ["an Azure storage key", `${"AccountKey"}=${"Zm9v".repeat(8)}`],
  ["a bearer token", `${"eyJ"}hbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0xx.c2lnbmF0dXJl`],
] as const;

describe("a secret in a plan", () => {
  it.each(secrets)("is found as %s and not repeated", (what, text) => {
    const findings = secretFindings({ steps: [{ with: text }] });
    expect(findings.map(({ path, message }) => ({ path, message }))).toEqual([
      { path: ["steps", 0, "with"], message: `this looks like ${what}` },
    ]);
    expect(JSON.stringify(findings)).not.toContain(text);
    expect(show(text)).toBe("a value that looks like a secret");
  });

  it.each(["password", "redisPassword", "clientSecret", "api_key", "apiKey", "token"])(
    "is found by its name: %s",
    (key) => {
      expect(secretFindings({ [key]: "hunter2" }).map(({ message }) => message)).toEqual([
        `${key} is a secret by its name`,
      ]);
    },
  );

  it.each([
    { passwordFrom: "sessions" },
    { password: "" },
    { password: "${{ vars.passwordName }}" },
    { tokens: 5 },
    { url: "redis://sessions.example:6379/0" },
    { url: "https://a.example/path:with@signs" },
    { digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
    { zone: "Z0GENAIAPI", id: "6fa459ea-ee8a-3ca4-894e-db77e160355e" },
  ])("is not seen where there is none: %j", (value) => {
    expect(secretFindings(value)).toEqual([]);
  });
});
