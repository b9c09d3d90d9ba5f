import { cpus } from "node:os";
import Table from "cli-table3";
import { benchAcks } from "./chat-acks.ts";
import { benchEdits } from "./chat-edits.ts";
import type { Latency } from "./latency.ts";

/** `npm run bench:chat`: what people in a chat wait for, as measured in this run on this machine. It judges nothing. */
const table = new Table({ head: ["what", "measured", "aim"], style: { head: [], border: [] } });
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const latency = ({ p50Ms, p99Ms, maxMs }: Latency) => `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, longest ${ms(maxMs)}`;

const { perSecond, muster, bare, refused, answered } = await benchAcks();
const ratio = (of: (one: Latency) => number) => (of(muster) / of(bare)).toFixed(2);
table.push([`Slack command acknowledged at ${perSecond}/s over HTTP`, latency(muster), ""]);
table.push(["the same by Bolt alone, with an empty handler", latency(bare), ""]);
const ratios = `p50 ${ratio(({ p50Ms }) => p50Ms)}, p99 ${ratio(({ p99Ms }) => p99Ms)}`;
table.push(["the one ÷ the other", `${ratios}${refused > 0 ? `; ${refused} were refused` : ""}`, "≤ 1.2"]);
table.push(["commands that were then answered", String(answered), ""]);

const edits = await benchEdits();
table.push([
  `run of ${edits.steps} steps in ${(edits.runMs / 1_000).toFixed(1)} s: posts and edits`,
  String(edits.writes),
  "",
]);
table.push(["the most of them in any second", String(edits.mostInASecond), "1"]);
table.push(["from the end of the run until its card said so", ms(edits.lastShownAfterMs), "≤ 3,000 ms"]);

const [cpu] = cpus();
console.log(table.toString());
console.log(
  `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), Node ${process.version}, ${process.platform}.`,
);
