/**
 * What a monitoring system outside knows. Only questions that an operator has written into a file can be asked: a model
 * chooses one by its name and a time, and never writes a query.
 */
export interface MonitorPort {
  readonly logs: readonly MonitorQuestion[];
  readonly metrics: readonly MonitorQuestion[];
  /**
   * Repeatable; reads only. Throws AppError: `vendor-throttled`, `vendor-unavailable` (both retryable), `vendor-rejected`
   * when a person must mend something, `not-found` for a name that is no question.
   */
  readLogs(name: string, minutes: number, signal: AbortSignal): Promise<LogTable>;
  readMetric(name: string, minutes: number, signal: AbortSignal): Promise<MetricSeries[]>;
}

export interface MonitorQuestion {
  name: string;
  about: string;
}

export interface LogTable {
  columns: string[];
  /** As text; a cell that holds nothing is empty. Newest first where the query says so. */
  rows: string[][];
  /** There were more rows than are here. */
  cut: boolean;
  /** Why there may be more than was found. */
  partial?: string;
}

export interface MetricSeries {
  metric: string;
  /** Of the resource, or its part, that it is about. */
  of: string;
  unit: string;
  /** Oldest first; moments without a value are left out. */
  points: { at: string; value: number }[];
}

/** A day back, and no more than people read. */
export const MOST_MINUTES = 1_440;
export const MOST_ROWS = 50;
