import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { appendKeys, readAll } from "../contracts/journal-store-fixture.ts";
import {
  createPostgresHost,
  type PostgresHost,
  type PostgresServer,
  postgresInstalled,
  VOLATILE,
} from "../helpers/postgres.ts";

const canMakeCertificates = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!postgresInstalled || !canMakeCertificates)("an encrypted connection to PostgreSQL", () => {
  const directory = mkdtempSync(join(tmpdir(), "muster-certificates-"));
  const file = (name: string) => join(directory, name);
  let host: PostgresHost;
  let server: PostgresServer;
  beforeAll(async () => {
    for (const name of ["server", "stranger"]) makeCertificate(name);
    host = createPostgresHost();
    server = await host.startServer(
      { ...VOLATILE, ssl: "on" },
      {
        "server.crt": readFileSync(file("server.crt"), "utf8"),
        "server.key": readFileSync(file("server.key"), "utf8"),
        "pg_hba.conf": "hostssl muster_tls all 127.0.0.1/32 trust\nhost postgres all 127.0.0.1/32 trust\n",
      },
    );
    await server.query("CREATE DATABASE muster_tls");
  }, 30_000);
  afterAll(async () => {
    await host?.dispose();
    rmSync(directory, { recursive: true, force: true });
  }, 30_000);

  /** For itself, as its own authority. */
  function makeCertificate(name: string): void {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, ...files], { stdio: "ignore" });
  }

  function open(parameters: string, name = "localhost") {
    return openPostgresStore({ url: `postgres://postgres@${name}:${server.port}/muster_tls?${parameters}` });
  }

  it("carries the journal when certificate and name are right", async () => {
    const store = await open(`sslmode=verify-full&sslrootcert=${file("server.crt")}`);
    expect(await appendKeys(store, ["a"])).toMatchObject({ outcome: "appended" });
    expect(await readAll(store)).toHaveLength(1);
    await store.close();
  });

  const untrusted = { code: "store-unavailable", retryable: false, hint: expect.stringContaining("sslrootcert") };

  it("is not made to a server with another certificate", async () => {
    await expect(open(`sslmode=verify-full&sslrootcert=${file("stranger.crt")}`)).rejects.toMatchObject(untrusted);
    await expect(open("sslmode=verify-full")).rejects.toMatchObject(untrusted);
  });

  it("is not made to a server whose certificate names another one", async () => {
    const parameters = `sslmode=verify-full&sslrootcert=${file("server.crt")}`;
    await expect(open(parameters, "127.0.0.1")).rejects.toMatchObject(untrusted);
  });

  it("is the only one that a server with hostssl lets in", async () => {
    await expect(open("sslmode=disable")).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  });
});
