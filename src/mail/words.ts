import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import { MailFacts, type MailTemplate, mailTemplates } from "./facts.ts";

export interface MailWords {
  text: string;
  html: string;
}

export type MailWriter = (template: MailTemplate, facts: MailFacts) => MailWords;

/** Reads the templates once; what it returns is pure. In HTML every value is escaped, in plain text none. */
export function createMailWriter(directory: URL = new URL("../../templates/mail/", import.meta.url)): MailWriter {
  const environment = Handlebars.create();
  const compile = (template: MailTemplate, kind: "txt" | "html") => {
    const source = readFileSync(new URL(`${template}.${kind}.hbs`, directory), "utf8");
    return environment.compile(source, { strict: true, noEscape: kind === "txt" });
  };
  const templates = new Map(
    mailTemplates.map((name) => [name, { text: compile(name, "txt"), html: compile(name, "html") }] as const),
  );
  return (template, facts) => {
    const { text, html } = templates.get(template) ?? {};
    if (!text || !html) throw new Error(`there is no mail template "${template}"`);
    // A name that is missing inside {{#if}} is not caught by `strict`: the facts must be whole before.
    const whole = MailFacts.parse(facts);
    return { text: `${text(whole).trim()}\n`, html: html(whole) };
  };
}
