import Table from "cli-table3";
import { openModel } from "../../adapters/model/index.ts";
import { writesDrafts } from "../../lab/model/writes.ts";
import { prompts } from "../../prompts/index.ts";
import { modelsFile } from "../../src/assistant/endpoints.ts";
import { systemClock } from "../../src/clock.ts";
import { loadConfig } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import { type DraftFigures, draftAll } from "../helpers/drafting.ts";
import { evaluate } from "../helpers/evaluation.ts";
import { startModel } from "../helpers/model.ts";

/**
 * `npm run eval`: what the checker of a model's claims lets through, what it stops, and what comes of whole drafts by
 * the lab's model. `-- --live` drafts with the endpoints that MUSTER_MODELS names instead, and prints those figures
 * alone: what a rule writes says nothing of what a model writes.
 */
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
const of = (part: number, whole: number) => (whole === 0 ? "–" : percent(part / whole));
const sum = (figures: DraftFigures[], pick: (one: DraftFigures) => number) =>
  figures.reduce((total, one) => total + pick(one), 0);

function draftsTable(figures: DraftFigures[], isFalse?: (text: string) => boolean): string {
  const table = new Table({
    head: [
      "incident",
      "document",
      "kept",
      "dropped",
      "precision",
      "citations",
      "milestones",
      "calls",
      "tokens",
      "own ms",
    ],
    style: { head: [], border: [] },
  });
  const row = (name: string, document: string, own: DraftFigures[]) => {
    const kept = sum(own, (one) => one.kept);
    const wrong = isFalse ? sum(own, (one) => one.texts.filter(isFalse).length) : undefined;
    table.push([
      name,
      document,
      own.every(({ fellBack }) => fellBack) ? "template" : kept,
      sum(own, (one) => one.dropped),
      wrong === undefined ? "not judged" : of(kept - wrong, kept),
      of(
        sum(own, (one) => one.cited),
        kept,
      ),
      of(
        sum(own, (one) => one.told),
        sum(own, (one) => one.milestones),
      ),
      sum(own, (one) => one.requests),
      sum(own, (one) => one.tokens),
      Math.max(...own.map(({ ownMs }) => ownMs)).toFixed(1),
    ]);
  };
  for (const one of figures) row(one.incident, one.document, [one]);
  row("all", "", figures);
  const fellBack = figures.filter((one) => one.fellBack).length;
  return `${table}\nfell back to the template: ${fellBack} of ${figures.length} (${of(fellBack, figures.length)}); milestones are those that the model told itself, code adds the others`;
}

async function live(): Promise<void> {
  const { modelsPath, secret } = loadConfig(process.env);
  if (modelsPath === undefined)
    throw new AppError({ code: "config-invalid", summary: "No models are configured.", hint: "Set MUSTER_MODELS." });
  const models = await modelsFile.load(modelsPath);
  const model = openModel({ models, secret, clock: systemClock });
  const deadlineMs = models.deadlineSeconds * 1_000;
  const figures = await draftAll({ model, prompts, deadlineMs, budget: models }, () => performance.now());
  const names = [...new Set(figures.map((one) => one.model).filter((name) => name !== ""))];
  console.log(`Drafts by ${names.join(", ") || "nobody"}, live:`);
  console.log(draftsTable(figures));
  for (const { incident, document, texts } of figures)
    for (const text of texts) console.log(`${incident}, ${document}: ${text}`);
  console.log("Whether each is true is for people to judge: read them beside the events.");
}

async function scripted(): Promise<void> {
  const { server, assistant } = await startModel({ deadlineSeconds: 20 });
  server.play(writesDrafts);
  const figures = await draftAll(assistant, () => performance.now()).finally(() => server.close());
  console.log(
    "Drafts by the lab's model, which writes by rule and invents one cause in each incident that began with a failure:",
  );
  console.log(draftsTable(figures, (text) => text.includes("bad deployment")));
}

function checker(): void {
  const { sentences, refused, checks, lies, precision, p95Ms } = evaluate(() => performance.now());
  const table = new Table({ head: ["lie", "told", "stopped", "passed"], style: { head: [], border: [] } });
  for (const { name, told, passed } of lies)
    table.push([name, told, percent(told === 0 ? 1 : 1 - passed.length / told), passed.length]);
  console.log(table.toString());
  for (const { name, passed } of lies)
    for (const text of new Set(process.argv.includes("--all") ? passed : passed.slice(0, 3)))
      console.log(`passed: ${name}: ${text}`);
  for (const text of refused) console.log(`refused though true: ${text}`);
  const told = lies.reduce((total, one) => total + one.told, 0);
  const passed = lies.reduce((total, one) => total + one.passed.length, 0);
  console.log(`true sentences refused: ${refused.length} of ${sentences} (${percent(refused.length / sentences)})`);
  console.log(`lies stopped: ${told - passed} of ${told} (${percent(1 - passed / told)})`);
  console.log(`claims that passed and are true: ${percent(precision)}`);
  console.log(`checker: ${checks} checks, p95 ${p95Ms.toFixed(3)} ms`);
}

try {
  if (process.argv.includes("--live")) await live();
  else {
    checker();
    await scripted();
  }
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error([error.summary, error.hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
