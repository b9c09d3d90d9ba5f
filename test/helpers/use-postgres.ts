import { afterAll, beforeAll } from "vitest";
import { createPostgresHost, type PostgresHost, type PostgresServer, VOLATILE } from "./postgres.ts";

const TIMEOUT_MS = 30_000;

/** One server for the tests of a block, in none of which it dies. */
export function usePostgres(started: (server: PostgresServer) => void): void {
  let host: PostgresHost | undefined;
  beforeAll(async () => {
    host = createPostgresHost();
    started(await host.startServer(VOLATILE));
  }, TIMEOUT_MS);
  afterAll(() => host?.dispose(), TIMEOUT_MS);
}
