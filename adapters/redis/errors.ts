import { AppError } from "../../src/errors.ts";
import { isNoAnswer } from "../looking.ts";

const LONGEST_MESSAGE = 200;

/**
 * Every error of the Redis client and server, told once; `address` is `host:port` and holds no secret.
 * What is none of theirs is our own bug and is given back as it is.
 */
export function mapRedisError(error: unknown, address: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  // The client's errors carry the command with its arguments, which may be a password.
  const cause = new Error(error.message.slice(0, LONGEST_MESSAGE));
  if (error.name === "ReplyError") return mapReply(cause.message, address, cause);
  // Our deadline and the client's own timeouts differ only in who noticed first.
  if (isNoAnswer(error) || /timed? ?out/i.test(error.message))
    return unavailable(address, "did not answer in time", cause);
  if ("code" in error) {
    const { code } = error;
    return unavailable(address, `cannot be reached (${String(code)})`, Object.assign(cause, { code }));
  }
  if (isClosed(error)) return unavailable(address, "closed the connection", cause);
  return error;
}

/** The client says so in other words where the end of the connection was read and its closing was not yet. */
export function isClosed({ message }: Error): boolean {
  return /connection is closed|stream isn't writeable/i.test(message);
}

/** Replies begin with a word for programs: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
function mapReply(message: string, address: string, cause: unknown): AppError {
  const [word = ""] = message.split(" ");
  if (["LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"].includes(word))
    return unavailable(address, `is not ready (${word})`, cause);
  if (["NOAUTH", "WRONGPASS"].includes(word))
    return rejected(
      address,
      `does not accept our password (${word})`,
      "Set the secret that the step's `passwordFrom` names.",
      cause,
    );
  // An argument of a refused command may be a password, so what the server repeats is not passed on.
  if (word === "NOPERM" || /unknown command/i.test(message))
    return rejected(
      address,
      `does not let us run a command that this step needs (${word})`,
      "The account needs INFO, CONFIG, REPLICAOF, BGSAVE, LASTSAVE, SELECT, SCAN, EXISTS and DUMP; managed services often forbid them and offer their own promotion.",
      cause,
    );
  return rejected(address, `refused: ${message}`, "Look at the server's log; trying again changes nothing.", cause);
}

function rejected(address: string, what: string, hint: string, cause: unknown): AppError {
  return new AppError({ code: "vendor-rejected", summary: `Redis at ${address} ${what}.`, hint, cause });
}

function unavailable(address: string, what: string, cause: unknown): AppError {
  const [host, port] = address.split(":");
  return new AppError({
    code: "vendor-unavailable",
    summary: `Redis at ${address} ${what}.`,
    hint: `Try \`redis-cli -h ${host} -p ${port} PING\` from where Muster runs.`,
    retryable: true,
    cause,
  });
}

/** The instance is not what it was when the step looked: writing now could hit another history. */
export function changedSince(address: string): AppError {
  return new AppError({
    code: "vendor-conflict",
    summary: `Redis at ${address} changed its role or its history since it was looked at; nothing was written.`,
    hint: "It is looked at again before the next attempt.",
    retryable: true,
  });
}
