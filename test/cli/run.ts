import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands } from "../../commands/index.ts";
import { type CliOptions, runCli } from "../../src/cli/cli.ts";
import { EVERYBODY, type FakeCore, tokenOf } from "../helpers/core.ts";
import { startHttp } from "../http/server.ts";

/** A data directory as the lab leaves one, with a token for everybody. */
export function labDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "muster-cli-"));
  mkdirSync(join(directory, "lab"));
  const tokens = Object.fromEntries(EVERYBODY.map(({ principal }) => [principal, tokenOf(principal)]));
  writeFileSync(join(directory, "lab", "tokens.json"), JSON.stringify(tokens));
  return directory;
}

export interface CliResult {
  code: number;
  out: string;
  err: string;
}

/** `dr` against a server over a fake core; without a core nobody listens. */
export async function dr(argv: string[], core?: FakeCore, more: Partial<CliOptions> = {}): Promise<CliResult> {
  let out = "";
  let err = "";
  const http = core && startHttp(core);
  const refuse = () => Promise.reject(new TypeError("fetch failed"));
  const answer = (input: string | URL | Request, init?: RequestInit) => http!.app.fetch(new Request(input, init));
  const code = await runCli(argv, {
    commands,
    env: { MUSTER_TOKEN: tokenOf("operator") },
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    fetch: (http ? answer : refuse) as typeof fetch,
    pollMs: 5,
    ...more,
  });
  return { code, out, err };
}
