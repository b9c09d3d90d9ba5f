#!/usr/bin/env node
// Picks a Node that can run Muster: this one, or the one that is pinned in node_modules. Plain JavaScript for old Nodes.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WANTED_MAJOR = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const entries = {
  start: "lab/start.ts",
  rehearse: "lab/rehearse.ts",
  reset: "lab/reset.ts",
  lab: "lab/lab.ts",
  doctor: "lab/doctor.ts",
  "manifest:teams": "manifest/teams/build.ts",
};
const [verb, ...rest] = process.argv.slice(2);
const entry = join(root, entries[verb] ?? "src/main.ts");
const args = entries[verb] ? rest : process.argv.slice(2);

if (!existsSync(join(root, "node_modules", "zod"))) {
  stop("The dependencies are not installed. Run: npm ci");
} else if (Number(process.versions.node.split(".")[0]) >= WANTED_MAJOR) {
  process.argv = [process.execPath, entry, ...args];
  await import(entry);
} else {
  const pinned = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) handOver(pinned);
  else {
    stop(
      `Muster needs Node ${WANTED_MAJOR} or newer and this is ${process.version}.\n` +
        "Run `npm ci` (without --omit=dev and without --ignore-scripts), which installs one into node_modules, or install Node 24.",
    );
  }
}

function handOver(node) {
  const child = spawn(node, [entry, ...args], { stdio: "inherit" });
  // The terminal signals the whole group; what is sent to this process alone is passed on.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}

function stop(message) {
  console.error(message);
  process.exitCode = 1;
}
