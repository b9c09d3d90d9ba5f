import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A mail as the server took it. */
export interface ReceivedMail {
  from: string;
  recipients: string[];
  raw: string;
  parsed: Email;
}

/**
 * What the server does instead of taking mail: `down` refuses connections' greetings with 421, `hang` never answers,
 * `refuse` says no for good, `greylist` puts each recipient off the first time.
 */
export type SinkMode = "take" | "throttle" | "hang" | "refuse" | "greylist";

export interface MailSink {
  url: string;
  mails: ReceivedMail[];
  /** How often somebody began to talk to it. */
  connections: number;
  mode: SinkMode;
  /** Recipients that are refused for good, whatever the mode. */
  unknown: Set<string>;
  /** Awaited when a mail has been taken, before it is acknowledged. */
  beforeAnswer: ((mail: ReceivedMail) => Promise<void>) | undefined;
  close(): Promise<void>;
}

export interface SinkOptions {
  /** Who must sign in; nobody when absent. */
  user?: string;
  password?: string;
  port?: number;
}

/** A real SMTP server on loopback that delivers nothing: it keeps what it takes, for looking at. */
export async function startMailSink({ user, password, port = 0 }: SinkOptions = {}): Promise<MailSink> {
  const seen = new Set<string>();
  const server = new SMTPServer({
    authOptional: user === undefined,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS", ...(user === undefined ? ["AUTH"] : [])],
    disableReverseLookup: true,
    logger: false,
    onConnect(_, done) {
      sink.connections += 1;
      if (sink.mode === "throttle") return done(refusal(421, "Too many connections, try again later"));
      if (sink.mode !== "hang") done();
    },
    onAuth(auth, _, done) {
      if (auth.username === user && auth.password === password) return done(null, { user: auth.username });
      done(new Error("Authentication failed"));
    },
    onMailFrom(_, __, done) {
      done(sink.mode === "refuse" ? refusal(550, "Not allowed to send from here") : null);
    },
    onRcptTo({ address }, _, done) {
      if (sink.unknown.has(address)) return done(refusal(550, "No such user"));
      const isNew = !seen.has(address);
      seen.add(address);
      done(sink.mode === "greylist" && isNew ? refusal(450, "Greylisted, try again later") : null);
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", async () => {
        const raw = Buffer.concat(parts);
        const { mailFrom, rcptTo } = session.envelope;
        const mail: ReceivedMail = {
          from: mailFrom === false ? "" : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          raw: raw.toString("utf8"),
          parsed: await PostalMime.parse(raw),
        };
        sink.mails.push(mail);
        await sink.beforeAnswer?.(mail);
        done();
      });
    },
  });
  // Whoever goes away in the middle, as a killed client does, is no matter of the server's.
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  const login = user === undefined ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? "")}@`;
  const sink: MailSink = {
    url: `smtp://${login}127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails: [],
    connections: 0,
    mode: "take",
    unknown: new Set(),
    beforeAnswer: undefined,
    close: () =>
      new Promise((resolve) => {
        for (const connection of server.connections) connection.close();
        server.close(() => resolve());
      }),
  };
  return sink;
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
