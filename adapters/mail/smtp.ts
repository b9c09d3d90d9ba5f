import { AppError } from "../../src/errors.ts";
import { isLoopback } from "../../src/loopback.ts";
import type { Mail, MailPort } from "../../src/mail/port.ts";
import { mailError } from "./errors.ts";

export interface SmtpOptions {
  /** smtp://user:password@host:port, or smtps:// */
  url: string;
  /** "Name <address>" or the address alone. */
  from: string;
  replyTo?: string;
  /** https: or mailto: */
  unsubscribe?: string;
  requestTimeoutMs: number;
}

/** One recipient that the server did not take. */
type Rejected = { responseCode?: number };

/** Servers take a hundred recipients at least (RFC 5321, 4.5.3.1.8); many take no more. */
const MOST_RECIPIENTS = 100;
const MOST_REMEMBERED = 200;

/** One SMTP server. What goes over the network is encrypted, or the server is not used. */
export function createSmtpMail(options: SmtpOptions): MailPort {
  /** Who has a mail already, by its Message-ID; so that a second attempt leaves them alone. */
  const delivered = new Map<string, Set<string>>();

  function remembered(messageId: string): Set<string> {
    const known = delivered.get(messageId) ?? new Set<string>();
    delivered.delete(messageId);
    delivered.set(messageId, known);
    for (const oldest of delivered.keys()) if (delivered.size > MOST_REMEMBERED) delivered.delete(oldest);
    return known;
  }

  return {
    async send(mail, recipients, signal) {
      const headers = headersOf(mail, options);
      const { transport, deadline } = await open(options, signal);
      const done = remembered(mail.messageId);
      const left = recipients.filter((address) => !done.has(address));
      const no: Rejected[] = [];
      for (let from = 0; from < left.length; from += MOST_RECIPIENTS) {
        const to = left.slice(from, from + MOST_RECIPIENTS);
        const envelope = { from: addressOf(options.from), to };
        try {
          const answer = await transport.sendMail({ ...headers, envelope, signal: deadline() });
          for (const address of answer.accepted) done.add(address);
          no.push(...((answer.rejectedErrors ?? []) as Rejected[]));
        } catch (error) {
          if (signal.aborted) throw error;
          // None of these recipients: the others may still be taken.
          const { rejectedErrors = [] } = error as { rejectedErrors?: Rejected[] };
          if (rejectedErrors.length === 0) throw mailError(error);
          no.push(...rejectedErrors);
        }
      }
      const putOff = no.find(({ responseCode = 0 }) => responseCode < 500);
      if (putOff || (done.size === 0 && no.length > 0)) throw mailError(putOff ?? no[0]);
      return { accepted: done.size, refused: no.length };
    },
    async verify(signal) {
      const { transport, deadline } = await open(options, signal);
      const late = new Promise<never>((_, reject) => {
        const over = deadline();
        over.addEventListener("abort", () => reject(over.reason), { once: true });
      });
      await Promise.race([transport.verify(), late]).catch((error: unknown) => {
        throw mailError(error);
      });
    },
  };
}

/** A connection for each mail: there are few, and a server that was away must not be met through an old one. */
async function open({ url, requestTimeoutMs }: SmtpOptions, signal: AbortSignal) {
  // Loaded at the first mail: most of the time there is none.
  const { createTransport } = await import("nodemailer");
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const secure = protocol === "smtps:";
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const transport = createTransport({
    host,
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isLoopback(host),
    // On this machine nobody listens in, and a server for trying things out has no certificate.
    ignoreTLS: isLoopback(host),
    ...(username !== "" && { auth }),
    connectionTimeout: requestTimeoutMs,
    greetingTimeout: requestTimeoutMs,
    socketTimeout: requestTimeoutMs,
    dnsTimeout: requestTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // A server that answers a byte at a time must not keep a mail for ever.
  const deadline = () => AbortSignal.any([signal, AbortSignal.timeout(4 * requestTimeoutMs)]);
  return { transport, deadline };
}

function headersOf({ messageId, inReplyTo, subject, text, html }: Mail, options: SmtpOptions) {
  const { from, replyTo, unsubscribe } = options;
  const answers = addressOf(replyTo ?? from);
  for (const value of [messageId, inReplyTo ?? "", subject]) ensureOneLine(value);
  return {
    messageId,
    from,
    // Who else gets it is nobody's business: the recipients stand in the envelope alone.
    to: from,
    ...(replyTo !== undefined && { replyTo }),
    ...(inReplyTo !== undefined && { inReplyTo, references: [inReplyTo] }),
    subject,
    text,
    html,
    headers: {
      // RFC 3834: holiday notices do not answer it.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      "List-Unsubscribe": `<${unsubscribe ?? `mailto:${answers}?subject=unsubscribe`}>`,
    },
  };
}

/** A line break in a header would begin another one. */
function ensureOneLine(value: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\u0000-\u001f\u007f]/.test(value)) return;
  throw new AppError({
    code: "bad-input",
    summary: "A mail was not sent: its subject has a line break or another control character in it.",
    hint: "Take it out of the title or the component's name in the plan's communication.",
  });
}

export function addressOf(sender: string): string {
  return /<([^<>]+)>$/.exec(sender)?.[1] ?? sender;
}
