import { isServerVerb, tellUsage, unknownVerb } from "./cli/usage.ts";
import { AppError, reportError } from "./errors.ts";

/** Where a process begins: each verb's file in `main/` wires what that verb needs, and nothing else is loaded. */
const [verb, ...rest] = process.argv.slice(2);

async function run(): Promise<number> {
  const { env } = process;
  if (verb === "dr") return (await import("./main/dr.ts")).dr(rest, env);
  if (!isServerVerb(verb)) {
    const { commands } = await import("../commands/index.ts");
    throw unknownVerb(
      verb,
      commands.map(({ name }) => name),
    );
  }
  if (tellUsage(verb, rest)) return 0;
  const { loadConfig } = await import("./config.ts");
  if (verb === "doctor") return (await import("./main/doctor.ts")).doctor(rest, loadConfig(env));
  if (verb === "schema") await (await import("./main/schema.ts")).schema();
  else await (await import("./main/serve.ts")).serve(loadConfig(env));
  return 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  const { summary, hint } = reportError(error);
  const why =
    error instanceof AppError
      ? [summary, hint]
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  console.error(why.filter(Boolean).join("\n"));
  process.exitCode = 1;
}
