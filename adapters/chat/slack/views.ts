import type { Card } from "../../../src/cards/card.ts";
import { clip } from "../../../src/format.ts";
import { type Block, type ButtonValue, plain, slackCard } from "./cards.ts";

/** A view's own bounds. https://docs.slack.dev/reference/views */
const TITLE = 24;
const PRIVATE = 3_000;
const MOST_BLOCKS = 100;

export const ASK_VIEW = "ask";
export const MOVE_VIEW = "move";
export const REASON = { block: "reason", action: "text" } as const;
export const REGION = { block: "region", action: "choose-region" } as const;
export const DRY_RUN = { block: "dry-run", action: "choose-dry-run" } as const;

/** What a view remembers until it is submitted: ids only. */
export interface Remembered {
  command: string;
  input: Record<string, unknown>;
  field: string;
  /** Where to answer. */
  channel?: string;
}

export function remember(what: Remembered): string {
  return JSON.stringify(what).slice(0, PRIVATE);
}

/** The form of a button that asks for a text. */
export function askView({ command, input, ask, confirm }: ButtonValue, label: string, channel: string | undefined) {
  return {
    type: "modal" as const,
    callback_id: ASK_VIEW,
    private_metadata: remember({ command, input, field: ask?.field ?? "reason", ...(channel && { channel }) }),
    title: plain(clip(label, TITLE)),
    submit: plain(clip(label, TITLE)),
    close: plain("Cancel"),
    blocks: [...(confirm === undefined ? [] : [section(confirm)]), reasonBlock(ask?.label ?? "Why?")],
  };
}

export interface MoveForm {
  command: "failover" | "failback";
  regions: { code: string; name: string; active: boolean }[];
  channel: string | undefined;
  chosen?: string;
  /** What a dry run to the chosen region says; `pending` while it is on its way. */
  evidence?: Card | "pending";
}

/** The form of a failover or a failback; what it would do is shown once a region is chosen. */
export function moveView({ command, regions, channel, chosen, evidence }: MoveForm) {
  const label = command === "failover" ? "Fail over" : "Fail back";
  const options = regions
    .filter(({ active }) => !active)
    .map(({ code, name }) => ({ text: plain(clip(`${code} (${name})`, 75)), value: code }));
  const initial = options.find(({ value }) => value === chosen);
  const region: Block = {
    type: "input",
    block_id: REGION.block,
    dispatch_action: true,
    label: plain("Serve from"),
    element: { type: "static_select", action_id: REGION.action, options, ...(initial && { initial_option: initial }) },
  };
  return {
    type: "modal" as const,
    callback_id: MOVE_VIEW,
    private_metadata: remember({ command, input: {}, field: "reason", ...(channel && { channel }) }),
    title: plain(label),
    submit: plain("Propose"),
    close: plain("Cancel"),
    blocks: [
      ...(command === "failover" ? [region] : []),
      reasonBlock("Why? Those who decide will read it."),
      dryRunBlock(),
      ...evidenceBlocks(evidence),
    ].slice(0, MOST_BLOCKS) as Block[],
  };
}

function evidenceBlocks(evidence: MoveForm["evidence"]): Block[] {
  if (evidence === undefined) return [];
  if (evidence === "pending") return [section("Looking at what this would do and what stands in its way …")];
  return slackCard({ ...evidence, buttons: [] }, { id: "evidence", at: new Date().toISOString() }).blocks as Block[];
}

/** A person's own page. */
export function homeView(cards: Card[], at: string) {
  const blocks = cards.flatMap((card, index) => [
    ...slackCard(card, { id: `home-${index}`, at }).blocks,
    { type: "divider" } as Block,
  ]);
  return { type: "home" as const, blocks: blocks.slice(0, MOST_BLOCKS) };
}

export function menuView(card: Card) {
  const { blocks } = slackCard(card, { id: "menu", at: new Date().toISOString() });
  return { type: "modal" as const, callback_id: "menu", title: plain("Muster"), close: plain("Close"), blocks };
}

function reasonBlock(label: string): Block {
  return {
    type: "input",
    block_id: REASON.block,
    label: plain(clip(label, 2_000)),
    element: { type: "plain_text_input", action_id: REASON.action, multiline: true, max_length: 500 },
  };
}

function dryRunBlock(): Block {
  const option = { text: plain("Only show what would happen"), value: "yes" };
  return {
    type: "input",
    block_id: DRY_RUN.block,
    optional: true,
    label: plain("Dry run"),
    element: { type: "checkboxes", action_id: DRY_RUN.action, options: [option] },
  };
}

function section(text: string): Block {
  return { type: "section", text: plain(clip(text, 3_000)) };
}

/** What was typed and chosen, out of the state that Slack sends with a submission. */
export function submitted(values: Record<string, Record<string, unknown>>) {
  const at = (where: { block: string; action: string }) =>
    values[where.block]?.[where.action] as Record<string, unknown> | undefined;
  const region = at(REGION)?.selected_option as { value?: string } | null | undefined;
  const dryRun = at(DRY_RUN)?.selected_options as unknown[] | undefined;
  const reason = at(REASON)?.value;
  return {
    reason: typeof reason === "string" ? reason : "",
    ...(region?.value !== undefined && { region: region.value }),
    dryRun: (dryRun?.length ?? 0) > 0,
  };
}
