import { hasLookup } from "./expressions.ts";
import type { Finding, Path } from "./problem.ts";

/** What secrets look like. Plans are committed and shown on cards, so they may only name where a secret is. */
const shapes: { what: string; pattern: RegExp }[] = [
  { what: "an AWS access key", pattern: /\b(AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: "a URL with a password in it", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: "a Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  { what: "a GitHub token", pattern: /\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,})/ },
  { what: "an Azure storage key", pattern: /AccountKey=[A-Za-z0-9+/=]{20,}/ },
  { what: "a bearer token", pattern: /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/ },
];

const secretName = /(password|passwd|secret|token|api-?_?key|access-?_?key|private-?_?key)$/i;

function secretIn(text: string): string | undefined {
  return shapes.find(({ pattern }) => pattern.test(text))?.what;
}

/** Finds secrets in the file as written; the message never repeats them. */
export function secretFindings(value: unknown, path: Path = []): Finding[] {
  if (typeof value === "string") return secretText(value, path);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    secretFindings(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function secretText(text: string, path: Path): Finding[] {
  const key = String(path.at(-1) ?? "");
  const what = secretIn(text);
  const named = secretName.test(key) && text !== "" && !hasLookup(text);
  if (what === undefined && !named) return [];
  const hint =
    "A plan names secrets and never holds them: set MUSTER_SECRET_<NAME> and write passwordFrom: <NAME>. Treat this one as leaked and replace it.";
  const message = what === undefined ? `${key} is a secret by its name` : `this looks like ${what}`;
  return [{ path, message, hint }];
}

const longestShown = 60;

/** A value for a message: short, and without what looks like a secret. */
export function show(value: unknown): string {
  if (value === null) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  if (secretIn(text) !== undefined) return "a value that looks like a secret";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
