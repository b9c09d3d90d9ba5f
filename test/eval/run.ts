import Table from "cli-table3";
import { evaluate } from "../helpers/evaluation.ts";

/** `npm run eval`: what the checker of a model's claims lets through, and what it stops. */
const { sentences, refused, checks, lies, precision, p95Ms } = evaluate(() => performance.now());
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

const table = new Table({ head: ["lie", "told", "stopped", "passed"], style: { head: [], border: [] } });
for (const { name, told, passed } of lies)
  table.push([name, told, percent(told === 0 ? 1 : 1 - passed.length / told), passed.length]);
console.log(table.toString());
for (const { name, passed } of lies)
  for (const text of new Set(process.argv.includes("--all") ? passed : passed.slice(0, 3)))
    console.log(`passed: ${name}: ${text}`);
for (const text of refused) console.log(`refused though true: ${text}`);

const told = lies.reduce((sum, one) => sum + one.told, 0);
const passed = lies.reduce((sum, one) => sum + one.passed.length, 0);
console.log(`true sentences refused: ${refused.length} of ${sentences} (${percent(refused.length / sentences)})`);
console.log(`lies stopped: ${told - passed} of ${told} (${percent(1 - passed / told)})`);
console.log(`claims that passed and are true: ${percent(precision)}`);
console.log(`checker: ${checks} checks, p95 ${p95Ms.toFixed(3)} ms`);
