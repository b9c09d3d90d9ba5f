import { AppError, type AppErrorOptions } from "../../src/errors.ts";

type Meaning = Omit<AppErrorOptions, "cause">;

const TRY_AGAIN = "Nothing is lost: Muster goes on by itself when the database answers again. Look at its log.";
const RIGHTS = "Run the statements of docs/deploy.md as the database's owner.";
const WRITABLE =
  "Name the primary in the store's address, or all servers with commas between them: Muster then finds the one that takes writes.";

/**
 * What an SQLSTATE, or the class of two letters that it begins with, means for people.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const MEANINGS: Record<string, (place: string, message: string) => Meaning> = {
  "53100": (place) => ({
    code: "store-full",
    summary: `There is no room left for the journal at ${place}; nothing was written.`,
    hint: "Free disk space on the database server and try again; what stands in the journal is intact.",
    retryable: true,
  }),
  "25006": (place) => ({ ...readOnly(place), retryable: true }),
  "55P03": (place) => ({
    code: "store-unavailable",
    summary: `Another write to the journal at ${place} did not end in time; nothing was written.`,
    hint: "It ends by itself, or is ended by the database; try again. pg_stat_activity shows who holds the lock.",
    retryable: true,
  }),
  "42501": (place, message) => refused(`The database user may not do this at ${place} (${message}).`, RIGHTS),
  "28": (place, message) => refused(`${place} does not let this user in (${message}).`, "Check user and password."),
  "3D": (place) => refused(`There is no such database at ${place}.`, `Make it. ${RIGHTS}`),
  "42": (place, message) => fault(`The journal at ${place} is not in the form that this version expects (${message}).`),
  "22": (place, message) => fault(`The database at ${place} refused a value (${message}); nothing was written.`),
  "23": (place, message) => damaged(place, message),
  XX001: (place, message) => damaged(place, message),
  XX002: (place, message) => damaged(place, message),
};

/** Says of every error of the database, of the driver and of the network what it means for people. */
export function storeError(place: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const state = sqlState(error) ?? "";
  const meaning = MEANINGS[state] ?? MEANINGS[state.slice(0, 2)] ?? (isTls(error) ? untrusted : away);
  return new AppError({ ...meaning(place, message(error)), cause: error });
}

/**
 * May what was sent have taken effect although this came back? An error that the server made of a statement
 * says no; a connection that ended, for whatever reason, says nothing.
 */
export function leavesOpen(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || /^(08|57|58|XX|40003|25P0[34])/.test(state);
}

export function damagedError(place: string, what: string): AppError {
  return new AppError(damaged(place, what));
}

export function closedError(place: string): AppError {
  const summary = `The journal at ${place} is closed.`;
  return new AppError({ code: "store-unavailable", summary, hint: "Muster is ending; start it again." });
}

/** A server that takes no writes: a standby, or a primary that was set to read-only. */
export function readOnlyError(place: string): AppError {
  return new AppError({ ...readOnly(place), retryable: true });
}

function readOnly(place: string): Meaning {
  const summary = `The database at ${place} takes no writes: it is a standby, or was set to read-only.`;
  return { code: "store-unavailable", summary, hint: WRITABLE };
}

function away(place: string, message: string): Meaning {
  const summary = `The journal at ${place} did not answer (${message}).`;
  return { code: "store-unavailable", summary, hint: TRY_AGAIN, retryable: true };
}

function untrusted(place: string, message: string): Meaning {
  const hint = "Give the certificate of its authority as sslrootcert in the store's address, and its name as host.";
  return refused(`The certificate of the database at ${place} was not accepted (${message}).`, hint);
}

function refused(summary: string, hint: string): Meaning {
  return { code: "store-unavailable", summary, hint };
}

function fault(summary: string): Meaning {
  return { code: "internal", summary, hint: "This is a fault in Muster; please report it." };
}

function damaged(place: string, what: string): Meaning {
  const hint = "Stop every Muster, keep a copy of the database, then restore it from a backup.";
  return { code: "store-damaged", summary: `The journal at ${place} is damaged: ${what}.`, hint };
}

/** Five characters, digits and capitals: Node's own codes are longer or have none of the digits. */
function sqlState(error: unknown): string | undefined {
  const isServers = error instanceof Error && "severity" in error && "code" in error;
  return isServers && typeof error.code === "string" ? error.code : undefined;
}

function isTls(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code) || message(error).includes("does not support SSL");
}

function message(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return message(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
