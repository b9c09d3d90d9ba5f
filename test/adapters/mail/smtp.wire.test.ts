import { expect, it, onTestFinished } from "vitest";
import { createSmtpMail } from "../../../adapters/mail/smtp.ts";
import { type MailSink, startMailSink } from "../../../lab/mail/sink.ts";
import type { AppError } from "../../../src/errors.ts";
import type { Mail } from "../../../src/mail/port.ts";
import { mailContract } from "../../contracts/mail.ts";

const base = { from: "GenAI API status <status@example.org>", requestTimeoutMs: 1_000 };
const signal = new AbortController().signal;

mailContract("over SMTP", async () => {
  let sink: MailSink | undefined = await startMailSink();
  const { url, mails, unknown } = sink;
  const { port } = new URL(url);
  return {
    mail: createSmtpMail({ ...base, url }),
    delivered: () =>
      mails.map(({ recipients, parsed }) => ({
        messageId: parsed.messageId ?? "",
        recipients,
        subject: parsed.subject ?? "",
        text: parsed.text ?? "",
        html: parsed.html ?? "",
        headers: Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value])),
      })),
    async set(mode) {
      if (mode === "down") {
        await sink?.close();
        sink = undefined;
        return;
      }
      if (!sink) {
        sink = await startMailSink({ port: Number(port) });
        sink.mails = mails;
      }
      sink.mode = mode;
    },
    unknown: (...addresses) => {
      for (const address of addresses) unknown.add(address);
    },
    stop: async () => await sink?.close(),
  };
});

const mail: Mail = { messageId: "<1@example.org>", subject: "Resolved: It", text: "It is over.", html: "<p>Over.</p>" };

it("signs in, and says what to do when it is not let in, without its password", async () => {
  const sink = await startMailSink({ user: "muster", password: "p@ss:word/1" });
  onTestFinished(() => sink.close());
  const smtp = createSmtpMail({ ...base, url: sink.url });
  await smtp.verify(signal);
  await smtp.send(mail, ["a@example.org"], signal);
  expect(sink.mails).toHaveLength(1);
  const wrong = createSmtpMail({ ...base, url: sink.url.replace("p%40ss", "hunter2") });
  const error = await wrong.send(mail, ["a@example.org"], signal).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "vendor-rejected", hint: expect.stringContaining("MUSTER_SMTP_URL") });
  expect(JSON.stringify(error) + String((error as AppError).summary)).not.toContain("hunter2");
});

it("says who answers go to and where people leave the list", async () => {
  const sink = await startMailSink();
  onTestFinished(() => sink.close());
  const own = { replyTo: "Support <support@example.org>", unsubscribe: "https://example.org/leave" };
  await createSmtpMail({ ...base, ...own, url: sink.url }).send(mail, ["a@example.org"], signal);
  await createSmtpMail({ ...base, url: sink.url }).send(mail, ["a@example.org"], signal);
  const headers = sink.mails.map(({ parsed }) =>
    Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value])),
  );
  expect(headers[0]).toMatchObject({
    from: base.from,
    to: base.from,
    "reply-to": own.replyTo,
    "list-unsubscribe": "<https://example.org/leave>",
  });
  expect(headers[1]).toMatchObject({ "list-unsubscribe": "<mailto:status@example.org?subject=unsubscribe>" });
  expect(headers[1]).not.toHaveProperty("reply-to");
});

it("does not send in the open over a network", async () => {
  const sink = await startMailSink();
  onTestFinished(() => sink.close());
  // This machine under a name that is not known to be this machine.
  const smtp = createSmtpMail({ ...base, url: sink.url.replace("127.0.0.1", "LOCALHOST") });
  await expect(smtp.send(mail, ["a@example.org"], signal)).rejects.toMatchObject({
    code: "vendor-rejected",
    hint: expect.stringContaining("smtps://"),
  });
  expect(sink.connections).toBe(1);
  expect(sink.mails).toEqual([]);
});
