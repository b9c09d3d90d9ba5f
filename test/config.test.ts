import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type Config, environmentSchema, loadConfig, secretVariable } from "../src/config.ts";
import { AppError } from "../src/errors.ts";
import { isLoopback } from "../src/loopback.ts";

function refusal(env: Record<string, string>): AppError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("The environment was accepted, or the error is no AppError");
}

describe("the configuration", () => {
  it("has a default for everything that has one", () => {
    expect(loadConfig({})).toMatchObject({
      dataDirectory: ".muster",
      planPath: "plans/genai-api.yaml",
      host: "127.0.0.1",
      port: 4646,
      runbooksDirectory: join(".muster", "runbooks"),
      reportsDirectory: "reports",
      openSignIn: false,
      logLevel: "info",
      leaseMs: 10_000,
      requestTimeoutMs: 2_000,
      url: "http://127.0.0.1:4646",
    });
    expect(Object.keys(loadConfig({}))).not.toContain("varsPath");
  });

  it("takes every variable", () => {
    const config = loadConfig({
      MUSTER_DATA: "/data",
      MUSTER_PLAN: "plan.yaml",
      MUSTER_VARS: "vars.yaml",
      MUSTER_PEOPLE: "people.yaml",
      MUSTER_HOST: "::1",
      MUSTER_PORT: "0",
      MUSTER_ALLOWED_HOSTS: "muster.example,dr.example",
      MUSTER_RUNBOOKS: "/var/lib/muster/runbooks",
      MUSTER_REPORTS: "/reports",
      MUSTER_OPEN_SIGN_IN: "loopback",
      MUSTER_INSTANCE: "muster-1",
      MUSTER_LOG_LEVEL: "debug",
      MUSTER_LEASE_MS: "3000",
      MUSTER_REQUEST_TIMEOUT_MS: "500",
      KUBECONFIG: "kube",
      MUSTER_URL: "https://muster.example",
      MUSTER_TOKEN: "a-token",
      MUSTER_STORE: "postgres://muster:secret@db/muster",
      MUSTER_STORE_PLACES: "place-1,eu-central",
      MUSTER_PLACE: "place-1",
      MUSTER_SECRET_SESSIONS_REDIS: "a-password",
    });
    const { secret, ...rest } = config;
    expect(rest).toEqual({
      dataDirectory: "/data",
      planPath: "plan.yaml",
      varsPath: "vars.yaml",
      peoplePath: "people.yaml",
      host: "::1",
      port: 0,
      allowedHosts: ["::1", "muster.example", "dr.example"],
      runbooksDirectory: "/var/lib/muster/runbooks",
      reportsDirectory: "/reports",
      openSignIn: true,
      instance: "muster-1",
      logLevel: "debug",
      leaseMs: 3_000,
      requestTimeoutMs: 500,
      kubeconfigPath: "kube",
      storePlaces: ["place-1", "eu-central"],
      place: "place-1",
      url: "https://muster.example",
    });
    expect(config.token).toBe("a-token");
    expect(config.storeUrl).toBe("postgres://muster:secret@db/muster");
    expect(secret("sessions-redis")).toBe("a-password");
    expect(secret("other")).toBeUndefined();
  });

  it("reads a variable that is set to nothing as not set", () => {
    expect(loadConfig({ MUSTER_PORT: "", MUSTER_VARS: "" })).toMatchObject({ port: 4646 });
  });

  it("says everything that is wrong at once, with an example each", () => {
    const { code, summary, hint } = refusal({
      MUSTER_PORT: "99999",
      MUSTER_LEASE_MS: "ten",
      MUSTER_LOG_LEVEL: "loud",
      MUSTER_PROT: "80",
      MUSTER_OPEN_SIGN_IN: "yes",
    });
    expect({ code, summary }).toEqual({ code: "config-invalid", summary: "The environment has 5 problems." });
    expect(hint.split("\n")).toEqual([
      "MUSTER_PORT must be a whole number from 0 to 65535, as in MUSTER_PORT=4646.",
      "MUSTER_OPEN_SIGN_IN must be loopback, or not be set, as in MUSTER_OPEN_SIGN_IN=loopback.",
      "MUSTER_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, as in MUSTER_LOG_LEVEL=info.",
      "MUSTER_LEASE_MS must be a whole number from 1000 to 300000, as in MUSTER_LEASE_MS=10000.",
      "MUSTER_PROT is not a variable of Muster. Did you mean MUSTER_PORT?",
    ]);
  });

  it("never shows a value, which may be a secret in the wrong place", () => {
    const { summary, hint } = refusal({
      MUSTER_URL: "hunter2",
      MUSTER_TOKEN: "x".repeat(600),
      MUSTER_HOST: "a b/hunter2",
    });
    expect(summary + hint).not.toMatch(/hunter2|xxx/);
    expect(hint).toContain("MUSTER_TOKEN is not usable");
  });

  it("lets people be anybody only where nobody else can come", () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "muster.example"]) {
      expect(refusal({ MUSTER_HOST: host, MUSTER_OPEN_SIGN_IN: "loopback" }).hint).toContain("lets anybody be anybody");
    }
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
      expect(loadConfig({ MUSTER_HOST: host, MUSTER_OPEN_SIGN_IN: "loopback" }).openSignIn).toBe(true);
      expect(isLoopback(host)).toBe(true);
    }
  });

  it("cannot be changed, and shows no secret when it is printed", () => {
    const config = loadConfig({ MUSTER_TOKEN: "hunter2", MUSTER_SECRET_A: "hunter2" });
    expect(() => Object.assign(config as { -readonly [K in keyof Config]: Config[K] }, { port: 1 })).toThrow(TypeError);
    expect(JSON.stringify(config) + inspect(config)).not.toContain("hunter2");
  });

  it("takes a Statuspage as a whole, and keeps its key out of sight", () => {
    const both = { MUSTER_STATUSPAGE_PAGE_ID: "kctbh9vrtdwd", MUSTER_STATUSPAGE_API_KEY: "hunter2hunter2" };
    expect(loadConfig(both).statuspage).toEqual({ pageId: "kctbh9vrtdwd", apiKey: "hunter2hunter2" });
    expect(JSON.stringify(loadConfig(both)) + inspect(loadConfig(both))).not.toContain("hunter2");
    const { MUSTER_STATUSPAGE_API_KEY: _, ...half } = both;
    expect(refusal(half).hint).toBe("MUSTER_STATUSPAGE_API_KEY is missing for Statuspage.");
    expect(refusal({ MUSTER_STATUSPAGE_API_KEY: "hunter2hunter2" }).hint).toContain("MUSTER_STATUSPAGE_PAGE_ID");
    const webhook = {
      MUSTER_STATUS_WEBHOOK_URL: "https://hooks.example/status",
      MUSTER_STATUS_WEBHOOK_SECRET: "hunter2hunter2hunter2",
    };
    expect(loadConfig(webhook).statusWebhook).toEqual({
      url: "https://hooks.example/status",
      secret: "hunter2hunter2hunter2",
    });
    expect(JSON.stringify(loadConfig(webhook)) + inspect(loadConfig(webhook))).not.toContain("hunter2");
    expect(refusal({ MUSTER_STATUS_WEBHOOK_URL: "https://hooks.example" }).hint).toContain("WEBHOOK_SECRET");
  });

  it("takes PagerDuty from its integration key on, and keeps its secrets out of sight", () => {
    const key = { MUSTER_PAGERDUTY_ROUTING_KEY: "hunter2hunter2hunter2hunter2hunt" };
    const token = { MUSTER_PAGERDUTY_API_TOKEN: "hunter2hunter2" };
    expect(loadConfig(key).pagerDuty).toEqual({
      routingKey: key.MUSTER_PAGERDUTY_ROUTING_KEY,
      policies: [],
      schedules: [],
    });
    const whole = {
      ...key,
      ...token,
      MUSTER_PAGERDUTY_FROM: "muster@example.org",
      MUSTER_PAGERDUTY_POLICIES: "PANZZEQ,PANZZEX",
      MUSTER_PAGERDUTY_WEBHOOK_SECRET: "hunter2hunter2hunter2",
      MUSTER_PAGERDUTY_EVENTS_SERVER: "events.eu.pagerduty.com",
      MUSTER_PUBLIC_URL: "https://muster.example/",
    };
    expect(loadConfig(whole)).toMatchObject({ publicUrl: "https://muster.example/" });
    expect(loadConfig(whole).pagerDuty).toMatchObject({ from: "muster@example.org", policies: ["PANZZEQ", "PANZZEX"] });
    expect(JSON.stringify(loadConfig(whole)) + inspect(loadConfig(whole))).not.toContain("hunter2");
    expect(refusal(token).hint).toBe("MUSTER_PAGERDUTY_API_TOKEN is of no use without MUSTER_PAGERDUTY_ROUTING_KEY.");
    expect(refusal({ ...key, MUSTER_PAGERDUTY_FROM: "muster@example.org" }).hint).toContain(
      "MUSTER_PAGERDUTY_API_TOKEN",
    );
    for (const wrong of ["short", `${key.MUSTER_PAGERDUTY_ROUTING_KEY}1`, "with-a-dash-in-the-middle-of-32-x"]) {
      const { hint } = refusal({ MUSTER_PAGERDUTY_ROUTING_KEY: wrong });
      expect(hint).toContain("must be the 32 letters and digits");
      expect(hint).not.toContain(wrong);
    }
  });

  it("takes a mail server as a whole, and nothing that would begin another header", () => {
    const mail = {
      MUSTER_SMTP_URL: "smtps://muster:hunter2@smtp.example.org:465",
      MUSTER_MAIL_FROM: "Example status <status@example.org>",
      MUSTER_MAIL_UNSUBSCRIBE: "mailto:leave@example.org",
    };
    expect(loadConfig(mail).mail).toEqual({
      url: mail.MUSTER_SMTP_URL,
      from: mail.MUSTER_MAIL_FROM,
      unsubscribe: mail.MUSTER_MAIL_UNSUBSCRIBE,
    });
    expect(JSON.stringify(loadConfig(mail)) + inspect(loadConfig(mail))).not.toContain("hunter2");
    const { MUSTER_MAIL_FROM: _, ...half } = mail;
    expect(refusal(half).hint).toBe("MUSTER_MAIL_FROM is missing for mail.");
    expect(refusal({ ...mail, MUSTER_SMTP_URL: "http://smtp.example.org" }).hint).toContain("smtp or smtps");
    for (const from of ["status@example.org\r\nBcc: a@example.org", "a <b@example.org>\nX: y", "two@at@example.org"])
      expect(refusal({ ...mail, MUSTER_MAIL_FROM: from }).hint).toContain("MUSTER_MAIL_FROM must be an address");
    for (const gone of ["javascript:alert(1)", "https://example.org/>\r\nBcc: <a@example.org"])
      expect(refusal({ ...mail, MUSTER_MAIL_UNSUBSCRIBE: gone }).hint).toContain("MUSTER_MAIL_UNSUBSCRIBE");
  });

  it("leaves the lab's own variables and everybody else's alone", () => {
    expect(() =>
      loadConfig({ MUSTER_LAB_REDIS: "stand-in", MUSTER_TEST_X: "1", PATH: "/bin", AWS_REGION: "x" }),
    ).not.toThrow();
  });
});

describe(".env.example", () => {
  const text = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value] as const);
  const plain = listed.filter(([name]) => !name.startsWith("MUSTER_SECRET_"));

  it("lists each variable that there is, and no other", () => {
    expect(plain.map(([name]) => name).toSorted()).toEqual(Object.keys(environmentSchema.shape).toSorted());
    expect(listed.map(([name]) => name)).toContain(secretVariable("sessions"));
  });

  it("has a comment above each, and values that are accepted", () => {
    const lines = text.split("\n");
    for (const [name] of listed) {
      const above = lines[lines.findIndex((line) => line.startsWith(`# ${name}=`)) - 1];
      expect(above, name).toMatch(/^# [A-Z].*\.$/);
    }
    expect(() => loadConfig(Object.fromEntries(listed))).not.toThrow();
  });
});
