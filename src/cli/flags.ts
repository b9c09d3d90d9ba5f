import { unsmartFlag } from "../commands/words.ts";
import { AppError } from "../errors.ts";

/** Flags of `dr` itself, which stand anywhere on the line; all others belong to the command. */
export interface CliFlags {
  as?: string;
  url?: string;
  data?: string;
  json: boolean;
  watch: boolean;
  follow: boolean;
  offline: boolean;
  help: boolean;
  color: boolean;
}

/** What reads a journal without a server. Readiness is not among them: it asks the world, which only the server may. */
export const OFFLINE_COMMANDS: readonly string[] = [
  "status",
  "summary",
  "runs",
  "run",
  "why",
  "pending",
  "timeline",
  "journal",
  "audit verify",
];

export const FLAG_TEXTS: readonly [flag: string, text: string][] = [
  ["--as <principal>", "act as this principal of the lab on this machine"],
  ["--json", "print the data instead of a card"],
  ["--watch", "with status, run, failover, failback and whatever changes a run: follow it to its end"],
  ["--follow", "with journal: go on printing events as they come"],
  ["--data <dir>", `read this journal without a server: ${OFFLINE_COMMANDS.join(", ")}`],
  ["--offline", "with run: carry out a runbook from this machine, without the store (docs/offline.md)"],
  ["--url <url>", "the server, http://127.0.0.1:4646 unless MUSTER_URL says otherwise"],
  ["--no-color", "plain text, as NO_COLOR=1 does"],
  ["--version", "the version of this checkout; status shows the server's"],
];

const VALUES = { "--as": "as", "--url": "url", "--data": "data" } as const;
const SWITCHES = {
  "--json": "json",
  "--watch": "watch",
  "--follow": "follow",
  "--offline": "offline",
  "--help": "help",
  "-h": "help",
} as const;

export function readFlags(argv: readonly string[]): { flags: CliFlags; words: string[] } {
  const flags: CliFlags = { json: false, watch: false, follow: false, offline: false, help: false, color: true };
  const words: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    const [name = "", ...parts] = unsmartFlag(word).split("=");
    if (word === "--") return { flags, words: [...words, ...argv.slice(index)] };
    if (Object.hasOwn(SWITCHES, name) && parts.length === 0) flags[SWITCHES[name as keyof typeof SWITCHES]] = true;
    else if (name === "--no-color" && parts.length === 0) flags.color = false;
    else if (Object.hasOwn(VALUES, name)) {
      const value = parts.length > 0 ? parts.join("=") : argv[++index];
      if (value === undefined || value === "") throw noValue(name);
      flags[VALUES[name as keyof typeof VALUES]] = value;
    } else words.push(word);
  }
  return { flags, words };
}

function noValue(name: string): AppError {
  return new AppError({ code: "bad-input", summary: `${name} needs a value.`, hint: '"dr help" lists the flags.' });
}
