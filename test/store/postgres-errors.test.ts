import { describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { leavesOpen, storeError } from "../../adapters/store/postgres-errors.ts";

/** As the driver throws what the server says. */
function fromServer(code: string): Error {
  return Object.assign(new Error(`the server's words about ${code}`), { severity: "ERROR", code });
}

/** As Node throws what the network says. */
function fromNode(code: string, message = `connect ${code} 127.0.0.1:5432`): Error {
  return Object.assign(new Error(message), { code });
}

describe("an error of PostgreSQL", () => {
  it.each([
    ["a shutdown", fromServer("57P01"), "store-unavailable", true, true],
    ["a crash of another session", fromServer("57P02"), "store-unavailable", true, true],
    ["a server that is starting", fromServer("57P03"), "store-unavailable", true, true],
    ["a broken connection", fromServer("08006"), "store-unavailable", true, true],
    ["a statement that took too long", fromServer("57014"), "store-unavailable", true, true],
    ["a frozen transaction that was ended", fromServer("25P03"), "store-unavailable", true, true],
    ["a commit of which nobody knows", fromServer("40003"), "store-unavailable", true, true],
    ["a server that takes no writes", fromServer("25006"), "store-unavailable", true, false],
    ["a lock that somebody keeps", fromServer("55P03"), "store-unavailable", true, false],
    ["too many connections", fromServer("53300"), "store-unavailable", true, false],
    ["a deadlock", fromServer("40P01"), "store-unavailable", true, false],
    ["a full disk", fromServer("53100"), "store-full", true, false],
    ["a wrong password", fromServer("28P01"), "store-unavailable", false, false],
    ["a missing database", fromServer("3D000"), "store-unavailable", false, false],
    ["a missing right", fromServer("42501"), "store-unavailable", false, false],
    ["a damaged page", fromServer("XX001"), "store-damaged", false, true],
    ["a broken rule of a table", fromServer("23505"), "store-damaged", false, false],
    ["a statement that the server does not understand", fromServer("42601"), "internal", false, false],
    ["a refused connection", fromNode("ECONNREFUSED"), "store-unavailable", true, true],
    ["a name that is not found", fromNode("ENOTFOUND"), "store-unavailable", true, true],
    ["a connection that ended", new Error("Connection terminated unexpectedly"), "store-unavailable", true, true],
    ["silence", new Error("Query read timeout"), "store-unavailable", true, true],
    ["an unknown certificate", fromNode("DEPTH_ZERO_SELF_SIGNED_CERT"), "store-unavailable", false, true],
    ["no encryption", new Error("The server does not support SSL connections"), "store-unavailable", false, true],
  ] as const)("that means %s is told with what to do, and whether to wait", (_, cause, code, retryable, open) => {
    const error = storeError("PostgreSQL db:5432/muster", cause);
    expect(error).toMatchObject({ code, retryable, cause });
    expect(error.summary).toContain("PostgreSQL db:5432/muster");
    expect(error.hint).not.toBe("");
    expect(leavesOpen(cause), "may it have taken effect").toBe(open);
  });

  it("on every address of a name is told by the first one's words", () => {
    const cause = new AggregateError([fromNode("ECONNREFUSED"), fromNode("EHOSTUNREACH")]);
    expect(storeError("PostgreSQL db/muster", cause).summary).toContain("ECONNREFUSED");
  });
});

describe("the address of a PostgreSQL store", () => {
  it.each([
    ["mysql://muster:secret@127.0.0.1/muster", ""],
    ["postgres://muster:secret@127.0.0.1:port/muster", ""],
    ["postgres://muster:secret@127.0.0.1/muster?sslrootcert=/nowhere/ca.pem", "file"],
    ["postgres://muster:secret@db.example.org/muster", "encrypted"],
    ["postgres://muster:secret@127.0.0.1,db.example.org:5433/muster", "encrypted"],
    [`postgres://muster:secret@${"127.0.0.1,".repeat(8)}127.0.0.1/muster`, "more than 8"],
  ])("is refused without its password, with an example: %s", async (url, why) => {
    const refusal = openPostgresStore({ url });
    await expect(refusal).rejects.toMatchObject({
      code: "config-invalid",
      summary: expect.stringContaining(why),
      hint: expect.stringContaining("sslmode=verify-full"),
    });
    await expect(refusal).rejects.toMatchObject({ summary: expect.not.stringContaining("secret") });
  });

  it("is named without its password when nobody answers there", async () => {
    const url = "postgres://muster:secret@127.0.0.1:1,[::1]:1/journal?sslmode=disable";
    await expect(openPostgresStore({ url, timeoutMs: 1_000 })).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
      summary: expect.stringMatching(/PostgreSQL 127\.0\.0\.1:1,\[::1\]:1\/journal did not answer \([^)]*\)/),
    });
  });
});
