import { Client } from "pg";
import { AppError } from "../../src/errors.ts";
import { isLoopback } from "../../src/loopback.ts";

export interface Address {
  /** Where the journal is, for people: without user and password. */
  place: string;
  /** One address for each server that is named, in that order. */
  servers: string[];
}

const EXAMPLE = "postgres://muster:password@db-a.example.org,db-b.example.org/muster?sslmode=verify-full";
const MAX_SERVERS = 8;

/**
 * Reads `postgres://user:password@server:port,server:port/database?parameters`, which no URL parser does for
 * more than one server. Throws AppError `config-invalid`, without the address, for it holds a password.
 */
export function parseAddress(url: string): Address {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]*)(\/[^?#]*)?(\?[^#]*)?$/.exec(url);
  if (!parts) throw invalid("it does not have this form");
  const [, before = "", list = "", database = "", parameters = ""] = parts;
  const names = list.split(",");
  if (names.length > MAX_SERVERS) throw invalid(`it names more than ${MAX_SERVERS} servers`);
  for (const name of names) assertEncrypted(name, parameters);
  const servers = names.map((name) => before + name + database + parameters);
  for (const server of servers) assertUsable(server);
  return { place: `PostgreSQL ${names.join(",") || "(local)"}${database}`, servers };
}

/** The driver would send the journal and its password in clear when nothing is said. */
function assertEncrypted(name: string, parameters: string): void {
  const host = name.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  if (host === "" || isLoopback(host) || new URLSearchParams(parameters).has("sslmode")) return;
  throw invalid("it does not say how the connection is encrypted; sslmode=disable says that it is not");
}

function assertUsable(server: string): void {
  try {
    // Reads the address and the files of certificates that it names; connects nowhere.
    new Client({ connectionString: server });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw invalid(code === "ENOENT" || code === "EACCES" ? `a certificate's file cannot be read (${code})` : "");
  }
}

function invalid(why: string): AppError {
  return new AppError({
    code: "config-invalid",
    summary: `The address of the PostgreSQL store is not usable${why && `: ${why}`}.`,
    hint: `It looks like ${EXAMPLE}`,
  });
}
