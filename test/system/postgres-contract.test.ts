import { describe } from "vitest";
import { journalStoreContract } from "../contracts/journal-store.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { usePostgres } from "../helpers/use-postgres.ts";
import { openFixture } from "../store/postgres-fixture.ts";

describe.skipIf(!postgresInstalled)("on a real server", () => {
  let server: PostgresServer;
  usePostgres((started) => {
    server = started;
  });

  journalStoreContract({ name: "PostgreSQL", open: () => openFixture(server) });
});
