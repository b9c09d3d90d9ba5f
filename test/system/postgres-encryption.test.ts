import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { makeTls } from "../../lab/tls.ts";
import { appendKeys, readAll } from "../contracts/journal-store-fixture.ts";
import {
  createPostgresHost,
  type PostgresHost,
  type PostgresServer,
  postgresInstalled,
  VOLATILE,
} from "../helpers/postgres.ts";

describe.skipIf(!postgresInstalled)("an encrypted connection to PostgreSQL", () => {
  const directory = mkdtempSync(join(tmpdir(), "muster-certificates-"));
  const file = (name: string) => join(directory, name);
  let host: PostgresHost;
  let server: PostgresServer;
  beforeAll(async () => {
    // Each for itself, as its own authority.
    const [own, stranger] = [makeTls(["localhost"]), makeTls(["localhost"])];
    writeFileSync(file("server.crt"), own.cert);
    writeFileSync(file("stranger.crt"), stranger.cert);
    host = createPostgresHost();
    server = await host.startServer(
      { ...VOLATILE, ssl: "on" },
      {
        "server.crt": own.cert,
        "server.key": own.key,
        "pg_hba.conf": "hostssl muster_tls all 127.0.0.1/32 trust\nhost postgres all 127.0.0.1/32 trust\n",
      },
    );
    await server.query("CREATE DATABASE muster_tls");
  }, 30_000);
  afterAll(async () => {
    await host?.dispose();
    rmSync(directory, { recursive: true, force: true });
  }, 30_000);

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
