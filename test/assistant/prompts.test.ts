import { describe, expect, it } from "vitest";
import { z } from "zod";
import { askPrompt, prompts, statusWording } from "../../prompts/index.ts";
import { strictFaults } from "../../src/assistant/strict-schema.ts";
import { filesOf } from "../architecture/sources.ts";

/**
 * The journal calls a prompt by its version, so that one can look up what a model was asked. A changed text or schema
 * is a new version: write it down here with its hashes, and leave the older lines.
 */
const VERSIONS: Record<string, { text: string; schema: string }> = {
  "status-report@1": {
    text: "dc6bfef53186b4c86389894cabdc5e9b20a0468f39427b1de84cdf62e3787337",
    schema: "53e8145763b01781aed0b7464eceb061dc86a3c1f989cdc258f4eceaff6cb93a",
  },
  "postmortem@1": {
    text: "dbd1513c67e62267a403e1f64f0b9a608ec0a11f1e36e541e2258b31e755464b",
    schema: "89d66dbed803004a2565b0c8332f1d07f53bc09c7b50328ba12424eca68a6659",
  },
  "status-report@2": {
    text: "09b9dd25b8ba97a4dd322ac421ab9e5409a9ebd93ec322abb4306ad579c483e3",
    schema: "e00db43399d5d79bb8a594a7fe47fbfc1bee6b6e56e32f23d49d64d8fab5a813",
  },
  "postmortem@2": {
    text: "0b64202185d0fdbc588283ee149d8375da36fcda9c66447700ba2a72e18ee32c",
    schema: "cec465041a380f71d5ed40a605cb10fd257bcb090f5f690a50ba8c7464b0113f",
  },
  "status-wording@1": {
    text: "a16dce9d3ffe1a50223005e0324381e52e3f5e6ce758f1b26dbd122b99ae95eb",
    schema: "c9e0ddaa50bd341180a63ff3684310f941bfc154823348dcf7946ac2443ddf05",
  },
  "status-wording@2": {
    text: "addcaf824332e36b64697b88271aae08700bf93518c9ae5aef32923b135fa1ac",
    schema: "c9e0ddaa50bd341180a63ff3684310f941bfc154823348dcf7946ac2443ddf05",
  },
  "ask@1": {
    text: "d1a4139155ca8fd9b7e03ea34187972cc330ad1e0706411254e9c62dc2c9ef43",
    schema: "386e8d3a531a40d934fe824624b26a81c0a0d356acecf97479d341987ed208ae",
  },
};

const sha256 = async (text: string) =>
  Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
const all = [...Object.values(prompts), statusWording, askPrompt];

describe("a prompt", () => {
  it("is there once for each file of the folder", () => {
    const files = filesOf("prompts", ".ts").filter((file) => file !== "prompts/index.ts");
    expect(all.map(({ id }) => `prompts/${id}.ts`).toSorted()).toEqual(files);
    for (const [document, { id }] of Object.entries(prompts)) expect(id).toBe(document);
  });

  it.each(all)("is what its version says: $name", async ({ name, sha256: text, output }) => {
    const schema = await sha256(JSON.stringify(z.toJSONSchema(output)));
    expect({ text, schema }).toEqual(VERSIONS[name]);
  });

  it.each(all)("asks for what Azure takes in strict mode: $name", ({ output }) => {
    expect(strictFaults(z.toJSONSchema(output))).toEqual([]);
  });

  it.each(all)("refuses an input that does not fit: $name", ({ render }) => {
    expect(() => render({ application: "a" } as never, "nonce")).toThrow();
  });
});

describe("the strict mode of Azure", () => {
  const text = z.string();
  it.each<[string, z.ZodType, string]>([
    ["a pattern", z.strictObject({ a: z.string().regex(/a/) }), "pattern"],
    ["a format", z.strictObject({ a: z.iso.datetime() }), "format"],
    ["a length", z.strictObject({ a: text.min(1) }), "minLength"],
    ["a minimum", z.strictObject({ a: z.number().min(1) }), "minimum"],
    ["a list's length", z.strictObject({ a: z.array(text).min(1) }), "minItems"],
    ["an optional field", z.strictObject({ a: text.optional() }), "must be required"],
    ["an object that takes more", z.looseObject({ a: text }), "additionalProperties"],
    ["a union at the root", z.union([z.strictObject({ a: text }), z.strictObject({ b: text })]), "root"],
    [
      "too many fields",
      z.strictObject(Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, text]))),
      "101 properties",
    ],
    [
      "too many levels",
      Array.from({ length: 6 }).reduce<z.ZodType>((inner) => z.strictObject({ inner }), text),
      "deeper",
    ],
    ["a mistake in a list", z.strictObject({ a: z.array(z.strictObject({ b: text.max(3) })) }), "maxLength"],
  ])("does not take %s", (_, schema, said) => {
    expect(strictFaults(z.toJSONSchema(schema)).join("; ")).toContain(said);
  });
});
