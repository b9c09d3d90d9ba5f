import type { Metric, MetricsClient } from "@azure/monitor-query";
import type { MetricSeries } from "../../src/assistant/monitor.ts";
import type { MetricQuestion } from "../../src/assistant/monitor-file.ts";

const MOST_SERIES = 20;
const MOST_POINTS = 300;
/** Grains that Azure Monitor knows, in minutes. */
const GRAINS = [1, 5, 15, 30, 60];

/** The figures of a question's resources over the last so many minutes. */
export async function readMetric(
  client: MetricsClient,
  { resources, namespace, metric, aggregation }: MetricQuestion,
  { minutes, now, abortSignal }: { minutes: number; now: number; abortSignal: AbortSignal },
): Promise<MetricSeries[]> {
  const grain = GRAINS.find((one) => minutes / one <= MOST_POINTS) ?? 60;
  const found = await client.queryResources(resources, [metric], namespace, {
    abortSignal,
    aggregation,
    startTime: new Date(now - minutes * 60_000),
    endTime: new Date(now),
    interval: grain === 60 ? "PT1H" : `PT${grain}M`,
  });
  return found
    .flatMap(({ resourceId = "", metrics }) => metrics.flatMap((one) => seriesOf(one, resourceId, aggregation)))
    .slice(0, MOST_SERIES);
}

function seriesOf({ name, unit, timeseries }: Metric, resourceId: string, aggregation: MetricQuestion["aggregation"]) {
  const resource = resourceId.split("/").at(-1) ?? resourceId;
  return timeseries.map(({ data = [], metadataValues = [] }): MetricSeries => {
    const part = metadataValues.map(({ name: of, value }) => `${of}=${value}`).join(", ");
    const points = data.flatMap((point) => {
      const value = point[aggregation];
      return typeof value === "number" ? [{ at: point.timeStamp.toISOString(), value }] : [];
    });
    return { metric: name, of: part === "" ? resource : `${resource}, ${part}`, unit: unit ?? "", points };
  });
}
