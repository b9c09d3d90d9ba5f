import type { z } from "zod";
import { FileError, type Finding, inFileOrder, type Path, type Problem } from "./problem.ts";
import { readBounded } from "./read-bounded.ts";
import { schemaFindings } from "./schema-findings.ts";
import { readSource } from "./source.ts";

interface SettingsFileOptions<Schema extends z.ZodType> {
  /** What people call it: "models file". */
  what: string;
  schema: Schema;
  /** What its schema cannot see, in what was written; `settings` only where all of it fits the schema. */
  findings(settings: z.infer<Schema> | undefined, written: unknown): Finding[];
  /** Which setting names it, and what there is without. */
  hint: string;
}

/** A YAML file of settings beside the plan: wrong in many places, it is told so once and for all of them. */
export function settingsFile<Schema extends z.ZodType>(options: SettingsFileOptions<Schema>) {
  const { what, schema, findings, hint } = options;

  /** Everything that is wrong with it; what it says when nothing is. Pure. */
  function check(text: string, file: string): { settings?: z.infer<Schema>; problems: Problem[] } {
    const source = readSource(text, file);
    if (source.value === undefined) return { problems: source.problems };
    const value = source.value ?? {};
    const parsed = schema.safeParse(value);
    const found = [...schemaFindings(schema, value), ...findings(parsed.data, value)];
    const problems = inFileOrder([...source.problems, ...found.map((one) => source.problem(one))]);
    return parsed.success && problems.length === 0 ? { settings: parsed.data, problems } : { problems };
  }

  return {
    check,
    /** Reads the file. Throws AppError `config-invalid`, which lists every problem with its line. */
    async load(path: string): Promise<z.infer<Schema>> {
      const text = await readBounded(path, { what, code: "config-invalid", hint });
      const { settings, problems } = check(text, path);
      if (settings === undefined) throw new FileError("config-invalid", path, problems);
      return settings;
    },
  };
}

/** A name that stands for two things of one list. */
export function namesTwice(list: readonly { name: string }[], at: Path): Finding[] {
  const names = list.map(({ name }) => name);
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    return [{ path: [...at, index, "name"], message: `the name ${name} is used twice`, hint: "Name each once." }];
  });
}
