/**
 * Takes secrets out of text before it is journaled: what is appended can never be taken back. Each pattern is
 * anchored on a mark that secrets carry (a prefix, a name before it), because hashes, UUIDs and run ids look
 * as random as keys do. All repetitions are bounded or over one class, so that the time stays linear. A backslash
 * before a quotation mark ends a secret: the text may be JSON inside JSON, and stays that.
 */
interface Pattern {
  find: RegExp;
  /** `$1` and `$2` keep what stands before the secret. */
  put: string;
}

const PATTERNS: Pattern[] = [
  { find: /-----BEGIN [A-Z0-9 ]{1,60}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|$)/g, put: "[redacted:pem]" },
  { find: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]+){0,2}/g, put: "[redacted:jwt]" },
  { find: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, put: "[redacted:aws-key]" },
  {
    find: /\b(aws_?(?:secret_?access_?key|session_?token)|secret_?access_?key)(["']?\s{0,5}[:=]\s{0,5}["']?)[\w/+=]{20,}/gi,
    put: "$1$2[redacted:aws-key]",
  },
  { find: /([?&;]sig=)[\w%+/=-]{16,}/gi, put: "$1[redacted:azure-sas]" },
  { find: /\b((?:AccountKey|SharedAccessKey)=)[\w+/=-]{16,}/gi, put: "$1[redacted:azure-key]" },
  { find: /\bmst_\d{1,10}_[\w-]{20,}/g, put: "[redacted:muster-token]" },
  { find: /\bxox[a-z]-[\w-]{10,}/g, put: "[redacted:slack-token]" },
  { find: /\bxapp-\d-[\w-]{10,}/g, put: "[redacted:slack-token]" },
  { find: /(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/]{10,}/g, put: "$1[redacted:slack-webhook]" },
  { find: /\b(?:gh[pousr]_\w{30,}|github_pat_\w{22,})/g, put: "[redacted:github-token]" },
  // A word after "bearer" is prose; a token has a digit in it, or is longer than any word.
  {
    find: /\b(bearer\s{1,5})(?:(?=[\w.~+/-]{0,100}\d)[\w.~+/-]{16,}|[\w.~+/-]{32,})=*/gi,
    put: "$1[redacted:bearer-token]",
  },
  {
    find: /\b(authorization["']?\s{0,5}[:=]\s{0,5}["']?(?:basic|digest|token|apikey|sharedkey)\s{1,5})(?:\\[^\s"']|[^\s"',;\\]){6,}/gi,
    put: "$1[redacted:authorization]",
  },
  // The user may be empty (redis://:password@host) and the password may hold an @ itself.
  {
    find: /\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/?#"'<>]{0,200}:)[^\s/?#"'<>]{1,500}@/gi,
    put: "$1[redacted:password]@",
  },
  {
    find: /\b((?:password|passwd|pwd|requirepass|masterauth|client[_-]?secret|api[_-]?key|access[_-]?token|refresh[_-]?token)["']?\s{0,5}[:=]\s{0,5}["']?)(?!\[redacted:|\$\{)(?:\\[^\s"']|[^\s"'&;,)}\]\\]){3,}/gi,
    put: "$1[redacted:password]",
  },
  {
    find: /\b((?:requirepass|masterauth)\s{1,5}["']?)(?!\[redacted:)(?:\\[^\s"']|[^\s"'\\]){3,}/gi,
    put: "$1[redacted:password]",
  },
];

/** A mark of every pattern above: nearly no text has one, and what has none is not looked through sixteen times. */
const MARKS =
  /-----BEGIN|eyJ|A[KS]IA|aws|secret|key|sig=|mst_|xox|xapp-|hooks\.slack|gh[pousr]_|github_pat|bearer|authorization|:\/\/|pass|pwd|masterauth|token/i;
const SHORTEST_SECRET = 8;
const MAX_DEPTH = 64;

/** Plain JSON in which every secret inside a string reads `[redacted:<kind>]`; what holds none is given back as it is. */
export function redact<T>(value: T): T {
  return redactValue(value, 0) as T;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[redacted:too-deep]";
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [name, item] of Object.entries(value)) {
    const redacted = redactValue(item, depth + 1);
    if (redacted !== item) changed = { ...(changed ?? value), [name]: redacted };
  }
  return changed ?? value;
}

/** For what is no event: a line of the log. */
export function redactText(text: string): string {
  if (text.length < SHORTEST_SECRET || !MARKS.test(text)) return text;
  return PATTERNS.reduce((left, { find, put }) => left.replace(find, put), text);
}
