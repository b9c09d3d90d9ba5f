import type { ClientBase } from "pg";

/**
 * Who follows this server now. Without the right to see it PostgreSQL shows rows without a state.
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
 */
export async function readStandbys(client: ClientBase): Promise<{ standbys?: { name: string; state: string }[] }> {
  const { rows } = await client.query<{ name: string | null; state: string | null }>(
    "SELECT application_name AS name, sync_state AS state FROM pg_stat_replication ORDER BY application_name LIMIT 100",
  );
  const standbys = rows.map(({ name, state }) => ({ name: name ?? "", state: state ?? "" }));
  return standbys.some(({ state }) => state === "") ? {} : { standbys };
}
