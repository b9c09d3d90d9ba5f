/** What a person's phone shows. Rendered within the pager's limits by its adapter. */
export interface Page {
  /** One line: what is wrong, where. */
  summary: string;
  severity: "critical" | "error" | "warning" | "info";
  /** What is protected, and the region that it is about. */
  source: string;
  component?: string;
  /** When it began (ISO 8601). */
  at: string;
  /** Label and value; no secrets, no persons. */
  details: Record<string, string>;
  /** Where to look and decide. */
  links: { href: string; text: string }[];
}

/**
 * Something that wakes people. One contract suite (test/contracts/pager.ts) says what every adapter does. Each call is
 * one attempt and may be repeated: pages are known by their key, which is the same for the same trouble for ever.
 * Errors are AppError: `vendor-throttled` with `retryAfterMs`, else `retryable` says whether to go on.
 */
export interface PagerPort {
  /** Names it in the journal; never renamed. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly paceMs: number;
  /** Pages whoever is on call; nobody a second time while a page under this key is open. */
  page(key: string, page: Page, signal: AbortSignal): Promise<void>;
  /** Somebody is at it. */
  acknowledge(key: string, page: Page, signal: AbortSignal): Promise<void>;
  resolve(key: string, page: Page, signal: AbortSignal): Promise<void>;
  /** Pages this level too (1 is who was paged first); false where no open page has this key. */
  escalate?(key: string, level: number, signal: AbortSignal): Promise<boolean>;
  /** Has the page become one there? Absent where there is no right to look. */
  shows?(key: string, signal: AbortSignal): Promise<boolean>;
  /** Notes beside the page; absent where there is no right to write them. */
  notes?: PagerNotes;
}

export interface PagerNotes {
  /** Answers with the note's id; undefined where no page has this key. May be sent once only: see `find`. */
  add(key: string, text: string, signal: AbortSignal): Promise<string | undefined>;
  /** The id of a note of that page whose text ends with this. */
  find(key: string, ending: string, signal: AbortSignal): Promise<string | undefined>;
  /** The key of a page of which only the pager's own id is known; undefined when it is none of these. */
  keyOf(remoteId: string, keys: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

/** Who is on call, by what the pager says at this moment. */
export interface OnCallLevel {
  /** Name of the escalation policy or schedule. */
  policy: string;
  /** 1 is paged first. */
  level: number;
  /** Names for people who ask; they are not journaled. `until` is ISO 8601, absent for those who always are. */
  people: { name: string; schedule?: string; until?: string }[];
}

export interface OnCall {
  /** By policy, then by level. Throws AppError when the pager does not say. */
  now(signal: AbortSignal): Promise<OnCallLevel[]>;
}
