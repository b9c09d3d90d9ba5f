import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { z } from "zod";

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface SuiteResult {
  passed: number;
  failed: { file: string; test: string }[];
  /** Why a file could not be run at all: that is no test that sees, it is a stub that breaks the syntax. */
  broken: string | undefined;
  seconds: number;
}

const CODE = [
  "adapters",
  "bench",
  "bin",
  "commands",
  "lab",
  "manifest",
  "plans",
  "prompts",
  "src",
  "templates",
  "test",
];
const TREES = [...CODE, "docs"];
const PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"];
const FILES = ["package.json", "tsconfig.json", "vitest.config.ts", ".env.example", ...PAGES];
/** Of one stub's own tests; all of them together may take as long as the unit tests do. */
const LONGEST_MS = 90_000;
export const ALL_LONGEST_MS = 600_000;

/** The sources in a directory of their own; what npm installed is shared. */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of [...TREES, ...FILES].filter((one) => existsSync(join(from, one)))) {
    cpSync(join(from, name), join(to, name), {
      recursive: true,
      filter: (path) => !relative(from, path).split(sep).includes("node_modules"),
    });
  }
  symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
}

const running = new Set<ChildProcess>();

/** Runs test files in a tree; with `bail` it ends at the first failure. Never leaves a process behind. */
export async function runSuite(
  root: string,
  {
    tests,
    only,
    bail,
    longestMs = LONGEST_MS,
  }: { tests: string[]; only?: string | undefined; bail: boolean; longestMs?: number },
): Promise<SuiteResult> {
  const output = join(root, "report.json");
  rmSync(output, { force: true });
  const startedAt = performance.now();
  const flags = ["--reporter=json", `--outputFile=${output}`, "--no-color", "--no-cache"];
  if (bail) flags.push("--bail=1", "--maxWorkers=1");
  else flags.push("--retry=1");
  if (only !== undefined) flags.push("-t", only);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", "--project", "unit", "--project", "wire", ...flags, ...tests], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      // What hundreds of runs load alike is compiled once.
      NODE_COMPILE_CACHE: join(root, "..", "compile-cache"),
      ...(bail && { MUSTER_TEST_STUB: "planted" }),
    },
    // A group of its own, so that the servers that its tests start end with it.
    detached: true,
  });
  running.add(child);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const timer = setTimeout(() => endGroup(child), longestMs);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  endGroup(child);
  running.delete(child);
  return { ...read(root, output, said), seconds: (performance.now() - startedAt) / 1000 };
}

/** Ends what still runs, for an interrupted run. */
export function endAll(): void {
  for (const child of running) endGroup(child);
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function read(root: string, output: string, said: string): Omit<SuiteResult, "seconds"> {
  let text: string;
  try {
    text = readFileSync(output, "utf8");
  } catch {
    return {
      passed: 0,
      failed: [],
      broken: `the tests did not end within ${LONGEST_MS / 1000} s, or did not start: ${said}`,
    };
  }
  const { testResults } = Report.parse(JSON.parse(text));
  const all = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ file: relative(root, name), test: fullName, status })),
  );
  const failed = all.filter(({ status }) => status === "failed").map(({ file, test }) => ({ file, test }));
  const passed = all.filter(({ status }) => status === "passed").length;
  const unread = testResults.find(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  const broken = unread ? `${relative(root, unread.name)} could not be run: ${unread.message ?? ""}`.trim() : undefined;
  return { passed, failed, broken };
}
