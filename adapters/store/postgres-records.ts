import type { ClientBase } from "pg";
import type { AppendRequest } from "../../src/journal/store.ts";
import { assertSmallRecord } from "./bounds.ts";

const PUT = `INSERT INTO muster.records (key, value) VALUES ($1, $2)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

/** The lease's row is locked until the write stands: a takeover waits for it, or comes first and is seen. */
const PUT_FENCED = `
  WITH lease AS (
    SELECT 1 FROM muster.leases WHERE name = $3 AND epoch = $4 AND expires_at > clock_timestamp() FOR SHARE
  )
  INSERT INTO muster.records (key, value) SELECT $1, $2 FROM lease
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

export async function getRecord(client: ClientBase, key: string): Promise<string | undefined> {
  const { rows } = await client.query<{ value: string }>("SELECT value FROM muster.records WHERE key = $1", [key]);
  return rows[0]?.value;
}

export async function setRecord(
  client: ClientBase,
  key: string,
  value: string,
  fence: AppendRequest["fence"],
): Promise<"written" | "fenced"> {
  assertSmallRecord(key, value);
  const { rowCount } = fence
    ? await client.query(PUT_FENCED, [key, value, fence.lease, fence.epoch])
    : await client.query(PUT, [key, value]);
  return rowCount === 1 ? "written" : "fenced";
}

export async function deleteRecord(client: ClientBase, key: string): Promise<void> {
  await client.query("DELETE FROM muster.records WHERE key = $1", [key]);
}
