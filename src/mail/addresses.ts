import { z } from "zod";
import { AppError } from "../errors.ts";

const MOST_ADDRESSES = 1_000;
const Address = z.email().max(254);

/** The addresses of a list, as its secret holds them: commas or lines between. Throws, and repeats none of them. */
export function readAddresses(name: string, variable: string, text: string | undefined): string[] {
  const parts = (text ?? "").split(/[,;\n]/).map((part) => part.trim());
  const all = [...new Set(parts.filter((part) => part !== ""))];
  const wrong = all.findIndex((part) => !Address.safeParse(part).success);
  const problem =
    all.length === 0
      ? `${variable} is not set`
      : wrong >= 0
        ? `entry ${wrong + 1} of ${variable} is not a mail address`
        : all.length > MOST_ADDRESSES
          ? `${variable} has more than ${MOST_ADDRESSES} addresses`
          : undefined;
  if (problem === undefined) return all;
  throw new AppError({
    code: "config-invalid",
    summary: `The mail list "${name}" cannot be used: ${problem}.`,
    hint: `Set ${variable} to plain addresses with commas between (a mailing list's own address is best), and start Muster again.`,
  });
}
