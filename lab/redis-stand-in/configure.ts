import { failure, OK, type Reply } from "../resp/encode.ts";
import type { Instance } from "./instance.ts";

/** What CONFIG knows, with Redis's defaults. Aliases are what they were called before Redis 5. */
const DEFAULTS: Record<string, string> = {
  "min-replicas-to-write": "0",
  "min-replicas-max-lag": "10",
  dbfilename: "dump.rdb",
  dir: ".",
  masterauth: "",
  requirepass: "",
  maxmemory: "0",
  appendonly: "yes",
  save: "",
  "repl-timeout": "60",
  "repl-ping-replica-period": "10",
  "replica-announce-port": "0",
  "enable-protected-configs": "no",
};
const ALIASES: Record<string, string> = {
  "min-slaves-to-write": "min-replicas-to-write",
  "min-slaves-max-lag": "min-replicas-max-lag",
};
const PROTECTED = ["dbfilename", "dir"];
const FIXED = ["enable-protected-configs", "port"];
const WHOLE_NUMBERS = ["min-replicas-to-write", "min-replicas-max-lag", "repl-timeout", "repl-ping-replica-period"];
const MAX_INT = 2_147_483_647;

export function configure(instance: Instance, [verb = "", ...rest]: string[]): Reply {
  switch (verb.toUpperCase()) {
    case "GET":
      return get(instance, rest);
    case "SET":
      return set(instance, rest);
    case "REWRITE":
      instance.config.rewrite();
      return OK;
    case "RESETSTAT":
      return OK;
    default:
      return failure(`ERR unknown subcommand '${verb}'. Try CONFIG HELP.`);
  }
}

function get({ config }: Instance, patterns: string[]): Reply {
  const names = [...Object.keys(DEFAULTS), ...Object.keys(ALIASES)];
  const wanted = names.filter((name) => patterns.some((pattern) => matches(pattern.toLowerCase(), name)));
  return wanted.flatMap((name) => [name, config.get(ALIASES[name] ?? name) ?? DEFAULTS[ALIASES[name] ?? name]!]);
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === name;
  return name.startsWith(parts[0]!) && name.endsWith(parts.at(-1)!) && parts.every((part) => name.includes(part));
}

/** All of the pairs or none, as the real one. */
function set({ config }: Instance, pairs: string[]): Reply {
  if (pairs.length === 0 || pairs.length % 2 === 1)
    return failure("ERR wrong number of arguments for 'config|set' command");
  const changes: [string, string][] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    const given = pairs[index]!.toLowerCase();
    const name = ALIASES[given] ?? given;
    const value = pairs[index + 1]!;
    if (!(name in DEFAULTS)) return failure(`ERR Unknown option or number of arguments for CONFIG SET - '${given}'`);
    const problem = problemWith(name, value, config.get("enable-protected-configs") ?? "no");
    if (problem) return failure(`ERR CONFIG SET failed (possibly related to argument '${given}') - ${problem}`);
    changes.push([name, value]);
  }
  for (const [name, value] of changes) config.set(name, value);
  return OK;
}

function problemWith(name: string, value: string, protection: string): string | undefined {
  if (FIXED.includes(name)) return "can't set immutable config";
  if (PROTECTED.includes(name) && protection === "no") return "can't set protected config";
  if (name === "dbfilename" && value.includes("/")) return "dbfilename can't be a path, just a filename";
  if (!WHOLE_NUMBERS.includes(name)) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value)) return "argument couldn't be parsed into an integer";
  return number > MAX_INT ? `argument must be between 0 and ${MAX_INT} inclusive` : undefined;
}
