/**
 * Splits a chat line into words. Quotes group, also the curly ones that phones make; an apostrophe inside a
 * word stays what it is ("don't"), which is why this is not a shell's grammar. Never throws: a quote that is
 * not closed runs to the end.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index] ?? "";
    const next = line[index + 1] ?? "";
    if (quote !== undefined) {
      if (char === "\\" && (next === '"' || next === "\\")) {
        word += next;
        index += 1;
      } else if (closes(char, quote)) quote = undefined;
      else word += char;
    } else if (opens(char, word)) {
      quote = char;
      word = word ?? "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  return word === undefined ? words : [...words, word];
}

function opens(char: string, word: string | undefined): boolean {
  if (char === '"' || char === "“" || char === "„") return true;
  return char === "'" && (word === undefined || word.endsWith("="));
}

function closes(char: string, quote: string): boolean {
  if (quote === "'") return char === "'";
  return char === '"' || char === "”" || (quote === "„" && char === "“");
}

/** Phones turn `--` into a dash: `—reason` is `--reason`. Inside a text a dash is a dash. */
export function unsmartFlag(word: string): string {
  return word.replace(/^[—–](?=[a-zA-Z])/, "--");
}
