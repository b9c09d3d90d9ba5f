import { describe, expect, it } from "vitest";
import { redact } from "../../src/journal/redact.ts";

// Put together here, so that scanners of this repository do not take the examples for real ones.
const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"].join(
  ".",
);
const awsKey = `AKIA${"IOSFODNN7EXAMPLE"}`;
const awsSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const base64 = `${"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"}==`;
const slack = ["xoxb", "123456789012", "abcdefABCDEF"].join("-");
const github = `ghp_${"a1B2c3D4".repeat(5)}`;
const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIEow${"x".repeat(40)}\n-----END RSA PRIVATE KEY-----`;

describe("redacting", () => {
  it.each([
    ["an AWS access key", `key ${awsKey}.`, "key [redacted:aws-key]."],
    ["a temporary AWS key", `ASIA${"IOSFODNN7EXAMPLE"}`, "[redacted:aws-key]"],
    [
      "an AWS secret in a profile",
      `aws_secret_access_key = ${awsSecret}`,
      "aws_secret_access_key = [redacted:aws-key]",
    ],
    ["an AWS secret in JSON", `{"SecretAccessKey":"${awsSecret}"}`, '{"SecretAccessKey":"[redacted:aws-key]"}'],
    ["an AWS session token", `AWS_SESSION_TOKEN=${base64}`, "AWS_SESSION_TOKEN=[redacted:aws-key]"],
    [
      "an Azure SAS",
      "https://a.blob.core.windows.net/c?sv=2024&sig=abcDEF123%2Bxyz456%3D&se=2026",
      "https://a.blob.core.windows.net/c?sv=2024&sig=[redacted:azure-sas]&se=2026",
    ],
    [
      "an Azure storage connection string",
      `AccountName=a;AccountKey=${base64};EndpointSuffix=core.windows.net`,
      "AccountName=a;AccountKey=[redacted:azure-key];EndpointSuffix=core.windows.net",
    ],
    ["a Service Bus key", `SharedAccessKey=${base64}`, "SharedAccessKey=[redacted:azure-key]"],
    ["a JWT", `token ${jwt} ends`, "token [redacted:jwt] ends"],
    ["a bearer token", "Authorization: Bearer a1b2c3d4e5f6g7h8i9", "Authorization: Bearer [redacted:bearer-token]"],
    ["a bearer token of letters", `bearer ${"abcdefgh".repeat(5)}`, "bearer [redacted:bearer-token]"],
    ["a JWT as a bearer token", `Bearer ${jwt}`, "Bearer [redacted:jwt]"],
    ["basic credentials", "authorization: Basic b3BzOmh1bnRlcjI=", "authorization: Basic [redacted:authorization]"],
    ["a private key", `before\n${pem}\nafter`, "before\n[redacted:pem]\nafter"],
    ["a private key that was cut off", pem.slice(0, 60), "[redacted:pem]"],
    ["two private keys", `${pem} and ${pem}`, "[redacted:pem] and [redacted:pem]"],
    ["a Redis URL", "redis://:s3cret@10.0.0.1:6379/0", "redis://:[redacted:password]@10.0.0.1:6379/0"],
    ["a URL with a user", "postgres://app:p%40ss@db:5432/x", "postgres://app:[redacted:password]@db:5432/x"],
    ["a password with an @ in it", "amqp://app:p@ss@mq", "amqp://app:[redacted:password]@mq"],
    ["a URL in a sentence", "see <https://u:pw123@h/x>, then", "see <https://u:[redacted:password]@h/x>, then"],
    [
      "an ADO connection string",
      "Server=db;User Id=app;Password=hunter2;",
      "Server=db;User Id=app;Password=[redacted:password];",
    ],
    ["a libpq connection string", "host=db password=hunter2 user=app", "host=db password=[redacted:password] user=app"],
    [
      "a StackExchange.Redis string",
      "c.redis.net:6380,password=hunter2,ssl=True",
      "c.redis.net:6380,password=[redacted:password],ssl=True",
    ],
    ["a password in JSON", '{"password":"hunter2","user":"app"}', '{"password":"[redacted:password]","user":"app"}'],
    ["an API key in a header", "api-key: 0123456789abcdef0123456789abcdef", "api-key: [redacted:password]"],
    ["a client secret", "client_secret=abc~DEF.123", "client_secret=[redacted:password]"],
    ["a Redis configuration", "requirepass hunter2", "requirepass [redacted:password]"],
    ["a Slack bot token", `xx ${slack} xx`, "xx [redacted:slack-token] xx"],
    ["a Slack app token", ["xapp", "1", "A0123", "456", "deadbeef"].join("-"), "[redacted:slack-token]"],
    [
      "a Slack webhook",
      `https://hooks.slack.com/services/${["T000", "B000", "XXXXXXXX"].join("/")}`,
      "https://hooks.slack.com/services/[redacted:slack-webhook]",
    ],
    ["a GitHub token", `remote: ${github}`, "remote: [redacted:github-token]"],
    ["a fine-grained GitHub token", `github_pat_${"11ABCDEFG0".repeat(3)}`, "[redacted:github-token]"],
  ])("takes out %s, and keeps what stands around it", (_, text, redacted) => {
    expect(redact(text)).toBe(redacted);
    expect(redact(redacted), "a second time").toBe(redacted);
  });

  it.each([
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "123e4567-e89b-42d3-a456-426614174000",
    "run-failover-eu-central-0001/promote-replica/1",
    "step/R-1/scale-api/1/started",
    "8371445ac57c8baf5c3b4ae5a21b4ac0ba6d1a2b",
    "redis://sessions.us-east-1.genai-api.example:6379",
    "redis://user@host:6379/0",
    "https://edge.us-east-1.genai-api.example/health/detailed?since=10:30&by=a@b.example",
    "http://127.0.0.1:8080/@user/x",
    "mail operator@example.com, subject: failover",
    "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
    "/hostedzone/Z2FDTNDATAQYW2",
    "AKIA is the prefix of AWS keys",
    "XAKIAIOSFODNN7EXAMPLE",
    "The bearer responsibilities are with the commander.",
    "bearer of bad news",
    "Basic authentication is off; authorization: needed from two approvers",
    "The password was rotated; passwordless login is on.",
    "password=${{ secrets.redis }}",
    "signature: sig=short",
    "xoxo from the night shift",
    "gh_actions_workflow_for_the_failover_of_genai_api_in_eu",
    "eyJustAWord.withDots.inside",
    "-----BEGIN a list -----",
    "Lag 0.4 s; 1,024 bytes; token bucket of 60/min; key: note/N-1",
    "Zürich 東京 🚒",
    "",
  ])("leaves alone: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("reaches every string in objects and lists, and changes nothing else", () => {
    const value = { a: [1, null, true, { url: "redis://:s3cret@h", n: 0.5 }], b: { c: ["ok", slack] }, d: "" };
    const before = structuredClone(value);
    expect(redact(value)).toEqual({
      a: [1, null, true, { url: "redis://:[redacted:password]@h", n: 0.5 }],
      b: { c: ["ok", "[redacted:slack-token]"] },
      d: "",
    });
    expect(value, "the given value").toEqual(before);
  });

  it("ends a value that is nested without end", () => {
    const endless: { inner?: unknown } = {};
    endless.inner = endless;
    expect(JSON.stringify(redact(endless))).toContain("[redacted:too-deep]");
  });

  it.each([
    ["letters", "a"],
    ["URL beginnings", "a://"],
    ["PEM beginnings", "-----BEGIN A-----"],
    ["JWT beginnings", "eyJaaaaaaaa."],
    ["dots and words", "bearer a.a.a.a.a.a "],
    ["spaces", "password   "],
    ["passwords without an end", "https://a:b"],
  ])("stays quick on a quarter of a megabyte of %s", (_, piece) => {
    const text = piece.repeat(Math.ceil(262_144 / piece.length));
    const from = performance.now();
    redact(text);
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});
