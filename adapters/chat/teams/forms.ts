import { z } from "zod";
import type { ChatHandlers } from "../../../src/chat/port.ts";
import { answerField, type Stored, sendAction } from "./actions.ts";
import { type AdaptiveCard, bold, frame, line, run } from "./elements.ts";

/** The form of a failover or a failback that was asked for without more. */
export async function moveForm(command: "failover" | "failback", handlers: ChatHandlers): Promise<AdaptiveCard> {
  const { regions } = await handlers.choices();
  const choices = regions
    .filter(({ active }) => !active)
    .map(({ code, name }) => ({ title: `${code} (${name})`, value: code }));
  const title = command === "failover" ? "Fail over" : "Fail back";
  const region = {
    type: "Input.ChoiceSet",
    id: "region",
    label: "Serve from",
    style: "compact",
    isRequired: true,
    errorMessage: "Please choose a region.",
    choices,
    ...(choices.length === 1 && { value: choices[0]?.value }),
  };
  const dryRun = { type: "Input.Toggle", id: "dryRun", title: "Only show what would happen", value: "false" };
  const body = [
    line([run(title, { ...bold, size: "Medium" })]),
    ...(command === "failover" ? [region] : []),
    answerField("Why? Those who decide will read it."),
    dryRun,
  ];
  const stored: Stored = { command, input: {}, ask: "reason", form: true };
  return { ...frame(body), actions: [sendAction("Propose", "primary", stored)] };
}

/** What a button or a form sends: what we stored in it, beside the fields that the person filled in. */
export const Submitted = z.object({
  muster: z.union([
    z.object({ refresh: z.string().max(200) }),
    z.object({
      command: z.string().max(50),
      input: z.record(z.string(), z.unknown()),
      ask: z.string().max(50).exactOptional(),
      message: z.string().max(200).exactOptional(),
      form: z.literal(true).exactOptional(),
    }),
  ]),
  answer: z.string().max(2_000).exactOptional(),
  region: z.string().max(100).exactOptional(),
  dryRun: z.string().max(10).exactOptional(),
});

export type Submitted = z.infer<typeof Submitted>;

/** The input of the stored call, with what was filled in. */
export function filledIn(stored: Stored, { answer = "", region, dryRun }: Omit<Submitted, "muster">) {
  const fields = stored.form ? { ...(region !== undefined && { region }), dryRun: dryRun === "true" } : {};
  return { ...stored.input, ...fields, ...(stored.ask !== undefined && { [stored.ask]: answer.trim() }) };
}
