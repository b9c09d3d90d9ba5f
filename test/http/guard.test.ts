import { describe, expect, it } from "vitest";
import { createIdempotency } from "../../src/http/idempotency.ts";
import { createSessions, SESSION_TTL_MS } from "../../src/http/session.ts";
import { createRateLimiter } from "../../src/rate-limit.ts";
import { createFakeCore, tokenOf } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { ORIGIN, startHttp } from "./server.ts";

const code = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("who calls, and from where", () => {
  it("refuses a name that is not ours, which is how a stranger's page would reach loopback", async () => {
    const { app } = startHttp(createFakeCore(), { allowedHosts: ["muster.example"] });
    const headers = { authorization: `Bearer ${tokenOf("operator")}` };
    const status = async (host: string) => (await app.request(`http://${host}/api/v1/state`, { headers })).status;
    expect(await status("evil.example:4646")).toBe(403);
    expect(await status("127.0.0.1.evil.example")).toBe(403);
    for (const host of ["127.0.0.1:4646", "localhost", "[::1]:4646", "muster.example"])
      expect(await status(host), host).toBe(200);
  });

  it("believes a cookie only with a post from its own page", async () => {
    const core = await scenes.detected();
    const { browser, send } = startHttp(core);
    const { cookie } = await browser("operator");
    const post = (headers: Record<string, string>) =>
      send("/api/v1/text", { method: "POST", body: '{"text":"note hello"}', headers: { cookie, ...headers } });
    for (const headers of [
      {},
      { origin: "http://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const response = await post(headers as Record<string, string>);
      expect([response.status, await code(response)], JSON.stringify(headers)).toEqual([403, "not-allowed"]);
    }
    expect(core.current().counts.notes).toBe(0);
    expect((await post({ origin: ORIGIN })).status).toBe(200);
    expect((await post({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect(core.current().counts.notes).toBe(2);
  });

  it("does not let a stranger's page sign anybody in", async () => {
    const { send } = startHttp(createFakeCore());
    const body = new URLSearchParams({ principal: "operator" });
    const response = await send("/session", { method: "POST", body, headers: { origin: "http://evil.example" } });
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  it("gives a session that scripts cannot read and other sites do not send", async () => {
    const { send } = startHttp(createFakeCore());
    const body = new URLSearchParams({ principal: "operator" });
    const response = await send("/session", { method: "POST", body, headers: { origin: ORIGIN } });
    expect(response.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Strict/);
  });

  it("lets people say who they are only in the lab; elsewhere they show a token", async () => {
    const { send } = startHttp(createFakeCore(), { openSignIn: false });
    const signIn = (fields: Record<string, string>) =>
      send("/session", { method: "POST", body: new URLSearchParams(fields), headers: { origin: ORIGIN } });
    expect((await send("/")).status).toBe(401);
    expect(await (await send("/")).text()).toContain("Your token");
    expect((await signIn({ principal: "operator" })).status).toBe(401);
    expect((await signIn({ token: "wrong" })).status).toBe(401);
    const good = await signIn({ token: tokenOf("approver-1") });
    expect(good.status).toBe(303);
    const page = await send("/", { headers: { cookie: good.headers.get("set-cookie")?.split(";")[0] ?? "" } });
    expect(await page.text()).toContain("<strong>approver-1</strong>");
  });

  it("sends headers that keep the page from being framed or scripted", async () => {
    const { send } = startHttp(createFakeCore());
    for (const path of ["/", "/api/v1/state", "/static/room.js", "/nothing"]) {
      const { headers } = await send(path);
      expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
      expect(headers.get("content-security-policy"), path).not.toContain("unsafe-inline");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    }
  });

  it("slows down who asks too often, without harm to others, and says for how long", async () => {
    const { as } = startHttp(createFakeCore(), { rateLimit: { perSecond: 1, burst: 3 } });
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await as("operator").get("/api/v1/state")).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await as("operator").get("/api/v1/state");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await code(refused)).toBe("rate-limited");
    expect((await as("observer").get("/api/v1/state")).status).toBe(200);
  });

  it("slows down who guesses tokens", async () => {
    const { send } = startHttp(createFakeCore());
    const guess = () => send("/api/v1/state", { headers: { authorization: "Bearer guess" } });
    const statuses = [];
    for (let count = 0; count < 25; count += 1) statuses.push((await guess()).status);
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("a guesser who signs in", () => {
  const guess = (send: (path: string, init: RequestInit) => Promise<Response>, accept = "text/html") =>
    send("/session", {
      method: "POST",
      body: new URLSearchParams({ token: "guess" }),
      headers: { origin: ORIGIN, accept },
    });

  it.each(["text/html", "application/json"])(
    "is slowed down as elsewhere, and cannot take turns (%s)",
    async (accept) => {
      const { send } = startHttp(createFakeCore(), { openSignIn: false });
      const statuses = [];
      for (let count = 0; count < 25; count += 1) statuses.push((await guess(send, accept)).status);
      expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
      expect((await send("/api/v1/state", { headers: { authorization: "Bearer guess" } })).status).toBe(429);
    },
  );

  it("keeps nobody out who has a token", async () => {
    const { send, as } = startHttp(createFakeCore(), { openSignIn: false });
    for (let count = 0; count < 25; count += 1) await guess(send);
    const body = new URLSearchParams({ token: tokenOf("operator") });
    expect((await send("/session", { method: "POST", body, headers: { origin: ORIGIN } })).status).toBe(303);
    expect((await as("operator").get("/api/v1/state")).status).toBe(200);
  });
});

describe("behind a proxy that ends TLS", () => {
  const behind = () => {
    const { app } = startHttp(createFakeCore(), { openSignIn: false, allowedHosts: ["muster.example"] });
    return (origin: string) =>
      app.request("http://muster.example/session", {
        method: "POST",
        body: new URLSearchParams({ token: tokenOf("operator") }),
        headers: { origin },
      });
  };

  it("people sign in, with a cookie that is sent over TLS alone", async () => {
    const response = await behind()("https://muster.example");
    expect(response.status).toBe(303);
    expect(response.headers.get("set-cookie")).toMatch(/HttpOnly; Secure; SameSite=Strict/);
  });

  it.each(["https://evil.example", "https://muster.example:8443", "https://muster.example.evil.example", "null"])(
    "the page of %s is another site still",
    async (origin) => expect((await behind()(origin)).status).toBe(403),
  );

  it("a cookie of plain HTTP, as on loopback, is not lost by asking for TLS", async () => {
    const { send } = startHttp(createFakeCore());
    const body = new URLSearchParams({ principal: "operator" });
    const response = await send("/session", { method: "POST", body, headers: { origin: ORIGIN } });
    expect(response.headers.get("set-cookie")).not.toContain("Secure");
  });
});

describe("sessions", () => {
  it("that no token opened hold only where people say who they are, also with the same secret", async () => {
    const sessionSecret = "of one store";
    const { cookie } = await startHttp(createFakeCore(), { sessionSecret }).browser("commander");
    const page = async (openSignIn: boolean) =>
      (await startHttp(createFakeCore(), { sessionSecret, openSignIn }).send("/api/v1/state", { headers: { cookie } }))
        .status;
    expect(await page(true)).toBe(200);
    expect(await page(false)).toBe(401);
  });

  it("hold for half a day, and only as they were signed", () => {
    let now = 1_000;
    const sessions = createSessions("secret", () => now);
    const cookie = sessions.issue("approver-1");
    expect(sessions.read(cookie)).toEqual({ principal: "approver-1" });
    const byToken = sessions.issue("approver-1", "token:tk-1");
    expect(sessions.read(byToken)).toEqual({ principal: "approver-1", credential: "token:tk-1" });
    const [, until, by, signature] = cookie.split(".");
    const forged = `${Buffer.from("commander").toString("base64url")}.${until}.${by}.${signature}`;
    for (const bad of [
      undefined,
      "",
      "a.b.c",
      forged,
      `${cookie}x`,
      `${cookie}.x`,
      createSessions("other").issue("approver-1"),
    ]) {
      expect(sessions.read(bad), bad).toBeUndefined();
    }
    now += SESSION_TTL_MS;
    expect(sessions.read(cookie)).toBeUndefined();
  });
});

describe("bounds", () => {
  it("the rate limiter refills, and forgets who was not seen for long", () => {
    let now = 0;
    const limiter = createRateLimiter({ perSecond: 2, burst: 1, maxKeys: 2, now: () => now });
    expect(limiter.take("a")).toBe(0);
    expect(limiter.take("a")).toBe(500);
    now += 500;
    expect(limiter.take("a")).toBe(0);
    limiter.take("b");
    limiter.take("c");
    expect(limiter.take("a")).toBe(0);
  });

  it("remembered answers end after their time, and at a number", async () => {
    let now = 0;
    let calls = 0;
    const idempotent = createIdempotency({ ttlMs: 100, maxKeys: 2, now: () => now });
    const ask = (key: string, status = 200) => idempotent(key, "same", async () => ({ status, body: String(++calls) }));
    await ask("a");
    expect((await ask("a")).body).toBe("1");
    now = 101;
    expect((await ask("a")).body).toBe("2");
    await ask("b");
    await ask("c");
    expect((await ask("a")).body).toBe("5");
  });

  it("an accident is not remembered as the answer", async () => {
    let calls = 0;
    const idempotent = createIdempotency();
    const ask = () => idempotent("a", "same", async () => ({ status: calls++ === 0 ? 500 : 200, body: "" }));
    expect((await ask()).status).toBe(500);
    expect((await ask()).status).toBe(200);
  });
});
