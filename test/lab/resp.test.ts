import { describe, expect, it } from "vitest";
import { encodeCommand, encodeReply } from "../../lab/resp/encode.ts";
import { createRespParser, RespError, type RespValue } from "../../lab/resp/parse.ts";

function parseAll(bytes: Buffer, step: number): { values: RespValue[]; bytes: number } {
  const values: RespValue[] = [];
  let taken = 0;
  const parser = createRespParser((value, size) => {
    values.push(value);
    taken += size;
  });
  for (let start = 0; start < bytes.length; start += step) parser.push(bytes.subarray(start, start + step));
  return { values, bytes: taken };
}

describe("The Redis protocol", () => {
  const replies = Buffer.from(
    "+OK\r\n:42\r\n$-1\r\n$8\r\nä\r\n✓x\r\n*2\r\n$1\r\na\r\n*1\r\n:-1\r\n-READONLY You can't.\r\n*0\r\n",
  );
  const values = ["OK", 42, null, "ä\r\n✓x", ["a", [-1]], new RespError("READONLY You can't."), []];

  it.each([1, 2, 3, 7, 1000])(
    "is understood when it comes in pieces of %d bytes, and every byte is counted",
    (step) => {
      expect(parseAll(replies, step)).toEqual({ values, bytes: replies.length });
    },
  );

  it("is understood as it is written", () => {
    expect(parseAll(encodeCommand(["SET", "schlüssel", 7]), 4).values).toEqual([["SET", "schlüssel", "7"]]);
    expect(encodeReply(["a", 1, null, { simple: "OK" }, { error: "ERR no" }])).toBe(
      "*5\r\n$1\r\na\r\n:1\r\n$-1\r\n+OK\r\n-ERR no\r\n",
    );
  });

  it.each(["hello\r\n", "$99999999999\r\n", "*-5\r\n", "$x\r\n"])("refuses %j", (text) => {
    expect(() => parseAll(Buffer.from(text), 100)).toThrow();
  });

  it("bounds a line that never ends", () => {
    expect(() => parseAll(Buffer.from(`+${"x".repeat(70_000)}`), 1000)).toThrow("too long");
  });

  it("tells an error's code by its first word", () => {
    expect(new RespError("NOREPLICAS Not enough").code).toBe("NOREPLICAS");
  });
});
