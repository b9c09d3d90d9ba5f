import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { tellUsage } from "../src/cli/usage.ts";
import { DEFAULT_DATA, DEFAULT_PORT } from "./defaults.ts";
import { serverEnvironment } from "./server.ts";
import { labPaths } from "./world/files.ts";

/** `npm run doctor`: looks at what the environment names or, with `--lab`, at the lab as its server sees it. */
const args = process.argv.slice(2);
const inLab = args.includes("--lab");
const data = resolve(process.env.MUSTER_DATA ?? DEFAULT_DATA);

if (tellUsage("doctor", args)) {
  process.exitCode = 0;
} else if (inLab && !existsSync(labPaths(data).environment)) {
  console.error(`There is no lab in ${data}. Start it with \`npm start\`, and ask the doctor beside it.`);
  process.exitCode = 1;
} else {
  const main = join(import.meta.dirname, "..", "src", "main.ts");
  const env = inLab
    ? serverEnvironment(data, Number(process.env.MUSTER_PORT ?? DEFAULT_PORT), process.env)
    : process.env;
  const rest = args.filter((arg) => arg !== "--lab");
  spawn(process.execPath, [main, "doctor", ...rest], { stdio: "inherit", env }).on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
