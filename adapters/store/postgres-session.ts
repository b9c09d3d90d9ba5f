import type { ClientBase } from "pg";
import { AppError } from "../../src/errors.ts";
import { readOnlyError } from "./postgres-errors.ts";

export interface Session {
  /** What every connection begins with. Throws AppError for a server that must not be used. */
  begin(client: ClientBase): Promise<void>;
  /** How often the servers were failed over up to this primary. */
  timeline(client: ClientBase): Promise<number>;
}

/**
 * What the defaults of a role or a database may say otherwise, and the journal relies on: that each statement
 * sees what was committed before it, and that an answered COMMIT is on the disk, and on the standby if there is one.
 */
const BEGIN = `
  SELECT pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding,
    set_config('default_transaction_isolation', 'read committed', false),
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
      THEN set_config('synchronous_commit', 'on', false) END`;

/** The first eight digits of a WAL file's name. */
const TIMELINE = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline";

export function createSession(place: string, oneOfSeveral: boolean): Session {
  let newest = 0;

  async function timeline(client: ClientBase): Promise<number> {
    const { rows } = await client.query<{ timeline: string }>(TIMELINE);
    return Number.parseInt(rows[0]?.timeline ?? "0", 16);
  }

  return {
    timeline,
    async begin(client) {
      const { rows } = await client.query<{ standby: boolean; encoding: string }>(BEGIN);
      if (rows[0]?.standby) throw readOnlyError(place);
      if (rows[0]?.encoding !== "UTF8") throw encodingError(place, rows[0]?.encoding);
      if (!oneOfSeveral) return;
      const seen = await timeline(client);
      if (seen < newest) throw overtakenError(place);
      newest = seen;
    },
  };
}

/** It takes writes that nobody else will ever see. */
function overtakenError(place: string): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `A server of ${place} takes writes although another one was promoted after it.`,
    hint: "Stop the old primary, and make it a standby of the new one (pg_rewind).",
    retryable: true,
  });
}

function encodingError(place: string, encoding = "unknown"): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `The database at ${place} has the encoding ${encoding}, which cannot hold every text.`,
    hint: "Make the database with ENCODING 'UTF8'.",
  });
}
