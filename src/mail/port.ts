export interface Mail {
  /** With its angle brackets; the same for a repeat, by which readers and servers know it. */
  messageId: string;
  /** The mail that this one follows in its thread. */
  inReplyTo?: string;
  subject: string;
  text: string;
  html: string;
}

/** What became of a mail; of addresses only how many, for they are personal. */
export interface Sent {
  accepted: number;
  /** Addresses that the server will never take. */
  refused: number;
}

/**
 * Sends mail through one server. It keeps no queue and no clock and makes no attempts of its own. Throws AppError:
 * retryable where the server is away or puts recipients off, `vendor-throttled` when it asks to be left alone. A mail
 * that is sent again goes only to those who did not get it, as long as this process remembers.
 */
export interface MailPort {
  send(mail: Mail, recipients: readonly string[], signal: AbortSignal): Promise<Sent>;
  /** Signs in and sends nothing. */
  verify(signal: AbortSignal): Promise<void>;
}
