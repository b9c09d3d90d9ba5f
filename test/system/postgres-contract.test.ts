import { afterAll, beforeAll, describe } from "vitest";
import { journalStoreContract } from "../contracts/journal-store.ts";
import {
  createPostgresHost,
  type PostgresHost,
  type PostgresServer,
  postgresInstalled,
  VOLATILE,
} from "../helpers/postgres.ts";
import { openFixture } from "../store/postgres-fixture.ts";

describe.skipIf(!postgresInstalled)("on a real server", () => {
  let host: PostgresHost;
  let server: PostgresServer;
  beforeAll(async () => {
    host = createPostgresHost();
    server = await host.startServer(VOLATILE);
  }, 30_000);
  afterAll(() => host?.dispose(), 30_000);

  journalStoreContract({ name: "PostgreSQL", open: () => openFixture(server) });
});
