import { type LogsQueryClient, LogsQueryResultStatus, type LogsTable } from "@azure/monitor-query";
import { type LogTable, MOST_ROWS } from "../../src/assistant/monitor.ts";
import type { LogQuestion } from "../../src/assistant/monitor-file.ts";
import { redact } from "../../src/journal/redact.ts";

const LONGEST_CELL = 500;
const MOST_COLUMNS = 12;
const SERVER_TIMEOUT_SECONDS = 8;

/** One query as an operator wrote it, with the time and the number of rows that code adds. */
export async function readLogs(
  client: LogsQueryClient,
  { workspace, kql }: LogQuestion,
  minutes: number,
  abortSignal: AbortSignal,
): Promise<LogTable> {
  // One row more than is shown says whether there are more.
  const query = `${kql}\n| take ${MOST_ROWS + 1}`;
  const timespan = { duration: `PT${Math.ceil(minutes)}M` };
  const found = await client.queryWorkspace(workspace, query, timespan, {
    abortSignal,
    serverTimeoutInSeconds: SERVER_TIMEOUT_SECONDS,
  });
  if (found.status === LogsQueryResultStatus.Success) return tableOf(found.tables[0]);
  return { ...tableOf(found.partialTables[0]), partial: found.partialError.code };
}

function tableOf(table: LogsTable | undefined): LogTable {
  const columns = (table?.columnDescriptors ?? []).slice(0, MOST_COLUMNS);
  const rows = table?.rows ?? [];
  return {
    columns: columns.map(({ name }, index) => name ?? `column ${index + 1}`),
    rows: rows.slice(0, MOST_ROWS).map((row) => columns.map((_, index) => cellOf(row[index]))),
    cut: rows.length > MOST_ROWS,
  };
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  // The client makes a date of whatever a column of times holds, an empty cell too.
  if (value instanceof Date) return Number.isNaN(value.getTime()) || value.getTime() === 0 ? "" : value.toISOString();
  const text = typeof value === "object" ? JSON.stringify(redact(value)) : String(value);
  return redact(text).slice(0, LONGEST_CELL);
}
