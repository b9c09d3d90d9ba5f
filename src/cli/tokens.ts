import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";

export interface Credentials {
  token: string;
  /** Said on stderr, when nobody chose who to be. */
  notice?: string;
}

const DEFAULT_PRINCIPAL = "operator";

/** Whose token is sent: `--as` (the lab's file), else MUSTER_TOKEN, else the lab's operator. */
export function findToken(
  as: string | undefined,
  env: Record<string, string | undefined>,
  dataDir: string,
): Credentials {
  const file = join(dataDir, "lab", "tokens.json");
  if (as === undefined && env.MUSTER_TOKEN) return { token: env.MUSTER_TOKEN };
  const tokens = readTokens(file);
  if (!tokens && as !== undefined) {
    const hint =
      "--as works with the lab on this machine: start it with `npm start`, or give the lab's directory in MUSTER_DATA. Elsewhere set MUSTER_TOKEN.";
    throw new AppError({ code: "not-authenticated", summary: `There is no lab here: ${file} is missing.`, hint });
  }
  const token = tokens?.[as ?? DEFAULT_PRINCIPAL];
  if (token !== undefined) {
    const notice =
      as === undefined ? `As ${DEFAULT_PRINCIPAL} of the lab; --as <principal> is somebody else.` : undefined;
    return { token, ...(notice && { notice }) };
  }
  if (tokens && as !== undefined) {
    const hint = `Known: ${Object.keys(tokens).join(", ")}.`;
    throw new AppError({ code: "unknown-principal", summary: `The lab has no principal "${as.slice(0, 60)}".`, hint });
  }
  const hint =
    "Set MUSTER_TOKEN to a token of yours; with the lab on this machine (`npm start`), --as <principal> does.";
  throw new AppError({ code: "not-authenticated", summary: "It is not known who you are.", hint });
}

function readTokens(file: string): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed !== "object" || parsed === null) throw new SyntaxError("not an object");
    const entries = Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(entries);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const hint = "Start the lab again (`npm start`), which writes it anew, or set MUSTER_TOKEN.";
    throw new AppError({ code: "config-invalid", summary: `${file} cannot be read.`, hint, cause: error });
  }
}
