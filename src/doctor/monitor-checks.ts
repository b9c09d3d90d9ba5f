import type { MonitorPort } from "../assistant/monitor.ts";
import { count } from "../format.ts";
import type { Check } from "./check.ts";

const MINUTES = 60;

/** Asks each question of the monitor file once, as the assistant would. */
export function monitorChecks(monitor: MonitorPort | undefined): Check[] {
  if (!monitor) {
    const said = "Azure Monitor is not connected: the assistant looks at the journal alone.";
    return [{ area: "monitor", name: "none", run: async () => ({ state: "off", said }) }];
  }
  const logs = monitor.logs.map(
    ({ name }): Check => ({
      area: "monitor",
      name: `logs ${name}`,
      run: async (signal) => {
        const { rows, columns, partial } = await monitor.readLogs(name, MINUTES, signal);
        const said = `${count(rows.length, "row")} of ${count(columns.length, "column")} in the last hour.`;
        if (partial === undefined) return { state: "ok", said };
        return { state: "warning", said: `${said} Incomplete (${partial}).`, fix: "Let the query look at less." };
      },
    }),
  );
  const metrics = monitor.metrics.map(
    ({ name }): Check => ({
      area: "monitor",
      name: `metric ${name}`,
      run: async (signal) => {
        const series = await monitor.readMetric(name, MINUTES, signal);
        const points = series.reduce((sum, one) => sum + one.points.length, 0);
        return { state: "ok", said: `${series.length} series, ${count(points, "value")} in the last hour.` };
      },
    }),
  );
  return [...logs, ...metrics];
}
