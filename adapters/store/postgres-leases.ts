import type { ClientBase } from "pg";
import type { Lease } from "../../src/journal/store.ts";

interface LeaseRow {
  name: string;
  holder: string;
  epoch: string;
  expires_at: Date;
}

/**
 * One statement, so that its row is locked from the look to the write. All times are the database's own clock
 * at that moment, and not at the beginning of the transaction. A change of hands counts a new epoch even if
 * that clock was set back meanwhile. A released lease keeps its row, so that its epoch goes on growing.
 */
const ACQUIRE = `
  INSERT INTO muster.leases AS lease (name, holder, epoch, expires_at)
  VALUES ($1, $2, 1, clock_timestamp() + $3::float8 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder,
    epoch = CASE WHEN lease.holder = excluded.holder AND lease.expires_at > clock_timestamp()
      THEN lease.epoch ELSE lease.epoch + 1 END,
    expires_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
  WHERE lease.holder = excluded.holder OR lease.expires_at <= clock_timestamp()
  RETURNING name, holder, epoch, expires_at`;

export async function acquireLease(client: ClientBase, name: string, holder: string, ttlMs: number) {
  const { rows } = await client.query<LeaseRow>(ACQUIRE, [name, holder, ttlMs]);
  return rows[0] && toLease(rows[0]);
}

export async function releaseLease(client: ClientBase, name: string, holder: string, epoch: number): Promise<void> {
  const end = "UPDATE muster.leases SET expires_at = 'epoch' WHERE name = $1 AND holder = $2 AND epoch = $3";
  await client.query(end, [name, holder, epoch]);
}

/** Those that are held now. */
export async function heldLeases(client: ClientBase): Promise<Lease[]> {
  const { rows } = await client.query<LeaseRow>(
    "SELECT * FROM muster.leases WHERE expires_at > clock_timestamp() ORDER BY name LIMIT 1000",
  );
  return rows.map(toLease);
}

function toLease({ name, holder, epoch, expires_at }: LeaseRow): Lease {
  return { name, holder, epoch: Number(epoch), expiresAt: expires_at.toISOString() };
}
