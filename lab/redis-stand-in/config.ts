import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** The directives of redis.conf that the stand-in acts on; others are kept as they are. */
export interface Configuration {
  get(name: string): string | undefined;
  set(name: string, value: string | undefined): void;
  names(): string[];
  /** CONFIG REWRITE: the file becomes what is in force now. */
  rewrite(): void;
}

export function loadConfiguration(path: string): Configuration {
  const values = new Map<string, string>();
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const match = /^([a-z-]+)\s+(.+)$/.exec(line.trim());
    if (match) values.set(match[1]!, unquote(match[2]!));
  }
  return {
    get: (name) => values.get(name),
    set(name, value) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    names: () => [...values.keys()],
    rewrite() {
      const lines = [...values].map(
        ([name, value]) => `${name} ${name === "dir" ? JSON.stringify(value) : value || '""'}`,
      );
      writeFileSync(`${path}.tmp`, `${lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(`${path}.tmp`, path);
    },
  };
}

function unquote(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
