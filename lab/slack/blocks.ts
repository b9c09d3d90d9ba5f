/** What Slack refuses in blocks and views. https://docs.slack.dev/reference/block-kit/blocks */
type Json = Record<string, unknown>;

const MOST_BLOCKS = { message: 50, view: 100 };
const TEXT_IN_MESSAGE = 13_200;

/** Why Slack would answer `invalid_blocks`; undefined when it would take them. */
export function blockFault(blocks: unknown, where: "message" | "view"): string | undefined {
  if (!Array.isArray(blocks)) return "blocks is not a list";
  if (blocks.length > MOST_BLOCKS[where]) return `more than ${MOST_BLOCKS[where]} blocks`;
  const ids = blocks.map((block) => (block as Json).block_id).filter((id) => id !== undefined);
  if (new Set(ids).size !== ids.length) return "a block_id stands twice";
  if (ids.some((id) => typeof id !== "string" || id.length > 255)) return "a block_id is longer than 255";
  if (where === "message" && textLength(blocks) > TEXT_IN_MESSAGE) return "msg_blocks_too_long";
  for (const block of blocks as Json[]) {
    const check = CHECKS[String(block.type)];
    const fault = check ? check(block) : `unknown block type ${String(block.type)}`;
    if (fault !== undefined) return `${String(block.type)}: ${fault}`;
  }
  return undefined;
}

const CHECKS: Record<string, (block: Json) => string | undefined> = {
  header: ({ text }) => textFault(text, 150, ["plain_text"]),
  divider: () => undefined,
  section: ({ text, fields }) => {
    if (text === undefined && fields === undefined) return "neither text nor fields";
    if (text !== undefined) return textFault(text, 3_000);
    if (!Array.isArray(fields) || fields.length > 10) return "more than 10 fields";
    return first(fields, (field) => textFault(field, 2_000));
  },
  context: ({ elements }) => {
    if (!Array.isArray(elements) || elements.length === 0 || elements.length > 10) return "takes 1 to 10 elements";
    return first(elements, (element) => textFault(element, 3_000));
  },
  actions: ({ elements }) => {
    if (!Array.isArray(elements) || elements.length === 0 || elements.length > 25) return "takes 1 to 25 elements";
    const ids = elements.map((element) => (element as Json).action_id);
    if (new Set(ids).size !== ids.length) return "an action_id stands twice";
    return first(elements as Json[], buttonFault);
  },
  rich_text: ({ elements }) => {
    if (!Array.isArray(elements) || elements.length === 0) return "has no elements";
    return first(elements as Json[], (section) => {
      if (section.type !== "rich_text_section") return `unknown element ${String(section.type)}`;
      return first((section.elements ?? []) as Json[], inlineFault);
    });
  },
  input: ({ label, element }) => textFault(label, 2_000, ["plain_text"]) ?? elementFault(element as Json),
};

function inlineFault(part: Json): string | undefined {
  if (part.type === "text") return typeof part.text === "string" && part.text !== "" ? undefined : "an empty text";
  if (part.type === "link") return /^https?:\/\/./.test(String(part.url)) ? undefined : "a link without an address";
  if (part.type !== "date") return `unknown inline ${String(part.type)}`;
  if (!Number.isInteger(part.timestamp)) return "a date's timestamp is not a whole number";
  return typeof part.format === "string" && /\{[a-z_]+\}/.test(part.format) ? undefined : "a date has no format";
}

function buttonFault(button: Json): string | undefined {
  if (button.type !== "button") return `unknown element ${String(button.type)}`;
  if (typeof button.value === "string" && button.value.length > 2_000) return "a value longer than 2,000";
  if (button.style !== undefined && button.style !== "primary" && button.style !== "danger") return "an unknown style";
  const dialog = button.confirm as Json | undefined;
  return (
    textFault(button.text, 75, ["plain_text"]) ??
    (dialog &&
      (textFault(dialog.title, 100) ??
        textFault(dialog.text, 300) ??
        textFault(dialog.confirm, 30) ??
        textFault(dialog.deny, 30)))
  );
}

function elementFault(element: Json): string | undefined {
  if (element.type === "plain_text_input") return undefined;
  const options = element.options as Json[] | undefined;
  if (element.type !== "static_select" && element.type !== "checkboxes") return `unknown input ${String(element.type)}`;
  if (!options || options.length === 0 || options.length > 100) return "takes 1 to 100 options";
  return first(options, (option) => textFault(option.text, 75));
}

function textFault(text: unknown, longest: number, types = ["plain_text", "mrkdwn"]): string | undefined {
  const { type, text: value } = (text ?? {}) as Json;
  if (!types.includes(String(type))) return `text of type ${String(type)}`;
  if (typeof value !== "string" || value === "") return "an empty text";
  return value.length > longest ? `a text of ${value.length} characters, at most ${longest}` : undefined;
}

function first<T>(items: T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = check(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function textLength(value: unknown): number {
  if (typeof value === "string") return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + textLength(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + (name === "text" && typeof one === "string" ? one.length : textLength(one)),
    0,
  );
}

/** What a person reads of blocks. */
export function readBlocks(blocks: unknown): { text: string; buttons: ButtonSeen[] } {
  const texts: string[] = [];
  const buttons: ButtonSeen[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const node = value as Json;
    if (node.type === "button") {
      const {
        action_id,
        value: stored,
        text,
        confirm,
      } = node as { action_id: string; value: string; text: { text: string }; confirm?: unknown };
      buttons.push({ label: text.text, action_id, value: stored, confirm: confirm !== undefined });
      return;
    }
    if (node.type === "date") texts.push(String(node.fallback));
    else if (typeof node.text === "string") texts.push(node.text);
    for (const [name, one] of Object.entries(node)) if (name !== "text" || typeof one !== "string") visit(one);
  };
  visit(blocks);
  return { text: texts.join(""), buttons };
}

export interface ButtonSeen {
  label: string;
  action_id: string;
  value: string;
  confirm: boolean;
}
