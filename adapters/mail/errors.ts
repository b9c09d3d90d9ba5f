import { AppError } from "../../src/errors.ts";

/** What nodemailer says of a failure: its own code, and the server's where it answered. */
interface SmtpError {
  code?: string;
  responseCode?: number;
  /** Which command the server answered so: "RCPT TO", "DATA", "AUTH PLAIN". */
  command?: string;
}

const THROTTLED_MS = 60_000;

/**
 * What a mail server's no means. The server's own text is left out: it may hold addresses. A 4xx is a "not now"
 * (RFC 5321, 4.2.1), as of a server that is greylisting, a 5xx a "never".
 */
export function mailError(cause: unknown): AppError {
  const { code = "", responseCode = 0, command = "" } = (cause ?? {}) as SmtpError;
  if (code === "EAUTH" || responseCode === 535 || responseCode === 530) {
    return new AppError({
      code: "vendor-rejected",
      summary: `The mail server does not let us in (${responseCode || code}).`,
      hint: "Check the name and the password in MUSTER_SMTP_URL.",
      cause,
    });
  }
  if (code === "ETLS" || code === "EREQUIRETLS") {
    return new AppError({
      code: "vendor-rejected",
      summary: "The mail server offers no encryption that holds.",
      hint: "Use smtps:// in MUSTER_SMTP_URL, or give the server STARTTLS and a certificate that this machine trusts.",
      cause,
    });
  }
  // Temporary, and about us rather than about this mail: too many connections or mails.
  if (responseCode === 421 || (responseCode === 450 && command.startsWith("MAIL"))) {
    return new AppError({
      code: "vendor-throttled",
      summary: `The mail server asks to wait (${responseCode}).`,
      retryable: true,
      retryAfterMs: THROTTLED_MS,
      cause,
    });
  }
  if (responseCode >= 500) {
    return new AppError({
      code: "vendor-rejected",
      summary: `The mail server refuses the mail (${responseCode} to ${command || "it"}).`,
      hint: "Check that it may send as MUSTER_MAIL_FROM, and the list's addresses; its log says more.",
      cause,
    });
  }
  const why = responseCode > 0 ? `${responseCode} to ${command || "it"}` : lineProblem(cause, code);
  return new AppError({
    code: "vendor-unavailable",
    summary: `The mail server does not take mail now (${why}).`,
    hint: "Look at the server in MUSTER_SMTP_URL; it goes on being tried.",
    retryable: true,
    cause,
  });
}

function lineProblem(cause: unknown, code: string): string {
  const late =
    code === "ETIMEDOUT" || ["TimeoutError", "AbortError"].includes((cause as Error | undefined)?.name ?? "");
  return late ? "no answer in time" : "no connection";
}
