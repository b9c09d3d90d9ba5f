/** A prompt as whoever gets it reads it: nothing else is known of the incident. */
export interface Reading {
  document: "status-report" | "postmortem";
  sections: string[];
  facts: Told[];
  /** Of the section that a person wants written anew. */
  hint?: string;
  /** Claims of a first draft that did not pass. */
  faults: Record<string, unknown>[];
}

/** An event as the prompt tells it. */
export interface Told {
  id: string;
  kind: string;
  sentence: string;
  fields: string[];
}

const FACT = /^(e\d+) (\S+) at \S+: (.*) \[fields: (.*)\]$/;
const SECTION = /^- ([a-z-]+) \(/;
const HINT = /HINT for the section .*$\n(.*)$/mu;

/** Undefined for a prompt that asks for something else. */
export function readPrompt(user: string): Reading | undefined {
  const title = /^Sections of the (DR status report|post-mortem draft)/.exec(user)?.[1];
  if (title === undefined) return undefined;
  const lines = user.split("\n");
  const found = <T>(read: (line: string) => T | undefined) => lines.map(read).filter((one) => one !== undefined);
  const hint = HINT.exec(user)?.[1];
  return {
    document: title === "post-mortem draft" ? "postmortem" : "status-report",
    sections: found((line) => SECTION.exec(line)?.[1]),
    facts: found((line) => {
      const [, id = "", kind = "", sentence = "", fields = ""] = FACT.exec(line) ?? [];
      return id === "" ? undefined : { id, kind, sentence, fields: fields.split(", ") };
    }),
    ...(hint !== undefined && { hint }),
    faults: found(claimOf),
  };
}

function claimOf(line: string): Record<string, unknown> | undefined {
  const end = line.lastIndexOf("} -- ");
  if (!line.startsWith("{") || end < 0) return undefined;
  try {
    return JSON.parse(line.slice(0, end + 1)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
