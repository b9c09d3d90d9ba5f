/** Every kind of legal JSON that a body may be; none of these is what anybody asked for. */
export const jsonRoots: [kind: string, text: string][] = [
  ["null", "null"],
  ["true", "true"],
  ["false", "false"],
  ["a number", "0"],
  ["a large number", "1e999"],
  ["a string", '"status"'],
  ["an empty string", '""'],
  ["an array", "[]"],
  ["an array of null", "[null]"],
  ["an empty object", "{}"],
];
