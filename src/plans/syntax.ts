import type { YAMLError } from "yaml";

export interface SyntaxProblem {
  message: string;
  hint: string;
  /** The values after it cannot be trusted. */
  fatal: boolean;
  /** Likely no mistake of its own but what the parser makes of an earlier one. */
  vague?: boolean;
}

const quoteIt = 'Put quotes around it: "${{ vars.name }}". Inside { } and [ ] the braces are YAML\'s own.';

/** Says in a plan writer's words what the YAML parser stumbled on. */
export function syntaxProblem(error: YAMLError, text: string): SyntaxProblem {
  const line = lineAt(text, error.pos[0]);
  if (error.code === "DUPLICATE_KEY") {
    const key = /^[^:]*/.exec(text.slice(error.pos[0]))?.[0] ?? "";
    const hint = "Keep one of them; YAML would use the last and say nothing.";
    return { message: `the key ${key.trim()} stands twice in the same map`, hint, fatal: false };
  }
  if (error.code === "TAB_AS_INDENT") {
    const hint = "YAML indents with spaces: replace the tab by two spaces a level.";
    return { message: "a tab is used for indentation", hint, fatal: true };
  }
  // `{{x}}` without quotes is a map in a map for YAML, in block context with the map as its key.
  if (line.replaceAll(/"[^"]*"|'[^']*'/g, "").includes("{{")) {
    const hint = line.includes("${{") ? quoteIt : 'A look-up is written with a dollar sign: "${{ vars.name }}".';
    return { message: "YAML reads {{ … }} without quotes as a map", hint, fatal: true };
  }
  if (error.code === "BAD_INDENT") {
    const hint = "The entries of one map or list start in the same column; brackets must be closed, here or above.";
    return { message: `the indentation is wrong: ${error.message.toLowerCase()}`, hint, fatal: true };
  }
  if (error.code === "MULTIPLE_DOCS") {
    return {
      message: "the file holds more than one YAML document",
      hint: "Keep one plan in a file; remove the ---.",
      fatal: true,
    };
  }
  if (error.code === "BLOCK_AS_IMPLICIT_KEY") {
    const hint = "A text with a colon and a space in it needs quotes.";
    return { message: "there are two values behind one another in this line", hint, fatal: true };
  }
  const hint = "Quotes around the text often help.";
  return { message: `this is not YAML: ${error.message}`, hint, fatal: true, vague: true };
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end === -1 ? undefined : end);
}
