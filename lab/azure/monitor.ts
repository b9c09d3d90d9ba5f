import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, sendJson } from "../http.ts";
import { type HttpsServer, listenHttps } from "./https.ts";

export interface Column {
  name: string;
  type: "string" | "datetime" | "long" | "real" | "bool" | "dynamic" | "guid";
}

export interface MonitorServerOptions {
  tls: { key: string; cert: string };
  /** For what the token of a request holds; undefined when it is none. */
  scopeOf(authorization: string | undefined): string | undefined;
}

export interface MonitorServer extends HttpsServer {
  /** What a query of this workspace finds; the number of rows that the query takes is kept to. */
  fill(workspace: string, columns: Column[], rows: unknown[][]): void;
  /** The figures of a resource, a minute apart, the last one now; null where it had none. */
  measure(resource: string, metric: string, unit: string, values: (number | null)[]): void;
  /** What happens to the next requests, one each; afterwards it answers again. */
  next(...troubles: Trouble[]): void;
  /** Bodies and addresses of the requests that were taken. */
  asked: { path: string; body: Record<string, unknown>; prefer: string }[];
  refused: string[];
}

export type Trouble =
  | { does: "throttles"; retryAfterSeconds?: number }
  | { does: "fails"; status: number; code: string }
  | { does: "finds-part" }
  | { does: "hangs" }
  | { does: "breaks" };

const LOGS_SCOPE = "https://api.loganalytics.io/.default";
const METRICS_SCOPE = "https://metrics.monitor.azure.com/.default";
const MAX_BODY_BYTES = 1_000_000;

/** Azure Monitor on loopback: logs by workspace and metrics by resource, in the vendor's wire format. */
export async function startMonitorServer({ tls, scopeOf }: MonitorServerOptions): Promise<MonitorServer> {
  const workspaces = new Map<string, { columns: Column[]; rows: unknown[][] }>();
  const metrics = new Map<string, { unit: string; values: (number | null)[] }>();
  let troubles: Trouble[] = [];
  const asked: MonitorServer["asked"] = [];
  const refused: string[] = [];

  const refuse = (res: ServerResponse, status: number, code: string, said: string) => {
    refused.push(said);
    sendJson(res, status, { error: { code, message: said } });
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", server.url);
    const logs = /^\/v1\/workspaces\/([^/]+)\/query$/u.exec(url.pathname);
    const wanted = logs ? LOGS_SCOPE : METRICS_SCOPE;
    const scope = scopeOf(req.headers.authorization);
    if (scope !== wanted) return refuse(res, 401, "InvalidTokenError", `a token for ${scope ?? "nothing"}`);
    const body = JSON.parse((await readBody(req, MAX_BODY_BYTES)).toString("utf8")) as Record<string, unknown>;
    asked.push({ path: `${url.pathname}${url.search}`, body, prefer: String(req.headers.prefer ?? "") });
    const trouble = troubles.shift();
    if (trouble && trouble.does !== "finds-part") return suffer(trouble, res);
    if (logs) return queryLogs(decodeURIComponent(logs[1] ?? ""), body, trouble !== undefined, res);
    if (/^\/subscriptions\/[^/]+\/metrics:getBatch$/u.test(url.pathname)) return batch(url, body, res);
    return refuse(res, 404, "PathNotFoundError", `no such path ${url.pathname}`);
  }

  function queryLogs(
    workspace: string,
    { query, timespan }: Record<string, unknown>,
    part: boolean,
    res: ServerResponse,
  ) {
    const table = workspaces.get(workspace);
    if (!table) return refuse(res, 404, "WorkspaceNotFoundError", `no workspace ${workspace}`);
    if (typeof timespan !== "string" || !/^P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?)?$/u.test(timespan))
      return refuse(res, 400, "BadArgumentError", "the timespan is no ISO 8601 duration");
    if (typeof query !== "string" || /^\s*\./mu.test(query)) return refuse(res, 400, "SyntaxError", "no query");
    const take = Number(/\|\s*take\s+(\d+)\s*$/u.exec(query)?.[1] ?? Number.POSITIVE_INFINITY);
    const tables = [{ name: "PrimaryResult", columns: table.columns, rows: table.rows.slice(0, take) }];
    const inner = { code: "LimitExceeded", message: "Query result set has exceeded the internal record count limit." };
    const error = {
      code: "PartialError",
      message: "There were some errors when processing your query.",
      innererror: inner,
    };
    sendJson(res, 200, { tables, ...(part && { error }) });
  }

  function batch(url: URL, body: Record<string, unknown>, res: ServerResponse) {
    const query = url.searchParams;
    const ids = Array.isArray(body.resourceids) ? (body.resourceids as string[]) : [];
    const [name = "", aggregation = ""] = [query.get("metricnames") ?? "", query.get("aggregation") ?? ""];
    const unknown = ids.find((id) => !metrics.has(`${id} ${name}`));
    if (ids.length === 0 || unknown !== undefined)
      return refuse(res, 400, "BadRequest", `no metric ${name} of ${unknown}`);
    if (!/^PT(?:1M|5M|15M|30M|1H)$/u.test(query.get("interval") ?? ""))
      return refuse(res, 400, "BadRequest", "no such grain");
    const end = Date.parse(query.get("endtime") ?? "");
    const values = ids.map((id) => {
      const { unit, values: figures } = metrics.get(`${id} ${name}`) ?? { unit: "", values: [] };
      const data = figures.map((value, index) => ({
        timeStamp: new Date(end - (figures.length - 1 - index) * 60_000).toISOString(),
        ...(value !== null && { [aggregation]: value }),
      }));
      const of = { id: `${id}/providers/Microsoft.Insights/metrics/${name}`, type: "Microsoft.Insights/metrics", unit };
      const metric = { ...of, name: { value: name, localizedValue: name }, timeseries: [{ metadatavalues: [], data }] };
      const span = {
        starttime: query.get("starttime"),
        endtime: query.get("endtime"),
        interval: query.get("interval"),
      };
      return {
        ...span,
        namespace: query.get("metricnamespace"),
        resourceregion: "eastus",
        resourceid: id,
        value: [metric],
      };
    });
    sendJson(res, 200, { values });
  }

  const server: HttpsServer = await listenHttps(tls, (req, res) => void answer(req, res).catch(() => res.destroy()));
  return {
    ...server,
    asked,
    refused,
    fill: (workspace, columns, rows) => void workspaces.set(workspace, { columns, rows }),
    measure: (resource, metric, unit, values) => void metrics.set(`${resource} ${metric}`, { unit, values }),
    next(...given) {
      troubles = given;
    },
  };
}

function suffer(trouble: Exclude<Trouble, { does: "finds-part" }>, res: ServerResponse): void {
  if (trouble.does === "hangs") return;
  if (trouble.does === "breaks") {
    res.destroy();
    return;
  }
  if (trouble.does === "fails") {
    sendJson(res, trouble.status, { error: { code: trouble.code, message: "The lab's monitor answers so." } });
    return;
  }
  if (trouble.retryAfterSeconds !== undefined) res.setHeader("retry-after", String(trouble.retryAfterSeconds));
  sendJson(res, 429, { error: { code: "ThrottledError", message: "Too many requests." } });
}
