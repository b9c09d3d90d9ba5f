/** Blocks as simple HTML: how they read, not how Slack draws them. */
type Json = Record<string, unknown>;

/** Makes the form of one button, which differs by where it stands. */
export type ButtonHtml = (button: { label: string; confirm?: string; style?: string }) => string;

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text: unknown): string {
  return String(text).replace(/[&<>"']/g, (found) => ESCAPES[found] ?? found);
}

export function blocksHtml(blocks: readonly unknown[], button: ButtonHtml): string {
  return (blocks as Json[]).map((block) => RENDERERS[String(block.type)]?.(block, button) ?? "").join("\n");
}

const RENDERERS: Record<string, (block: Json, button: ButtonHtml) => string> = {
  header: ({ text }) => `<h3>${textOf(text)}</h3>`,
  divider: () => "<hr>",
  section: ({ text, fields }) =>
    `<p>${[text, ...((fields as unknown[]) ?? [])].filter(Boolean).map(textOf).join("<br>")}</p>`,
  context: ({ elements }) => `<p class="context">${(elements as unknown[]).map(textOf).join(" · ")}</p>`,
  rich_text: ({ elements }) =>
    (elements as Json[])
      .map(({ elements: parts }) => `<p class="text">${(parts as Json[]).map(inlineHtml).join("")}</p>`)
      .join(""),
  actions: ({ elements }, button) =>
    `<div class="buttons">${(elements as Json[]).map((one) => button(buttonOf(one))).join("")}</div>`,
  input: ({ label, element, optional }) => {
    const control = controlHtml(element as Json, optional === true);
    return `<label class="input"><b>${textOf(label)}</b>${control}</label>`;
  },
};

function textOf(text: unknown): string {
  return escapeHtml((text as { text?: string } | undefined)?.text ?? "");
}

function inlineHtml(part: Json): string {
  if (part.type === "date") {
    const local = new Date(Number(part.timestamp) * 1_000).toLocaleTimeString();
    return `<time title="${escapeHtml(part.fallback)}">${escapeHtml(local)}</time>`;
  }
  if (part.type === "link") return `<a href="${escapeHtml(part.url)}">${escapeHtml(part.text ?? part.url)}</a>`;
  const text = escapeHtml(part.text).replaceAll("\n", "<br>");
  const { bold, code } = (part.style ?? {}) as { bold?: boolean; code?: boolean };
  const styled = code ? `<code>${text}</code>` : text;
  return bold ? `<b>${styled}</b>` : styled;
}

function buttonOf(one: Json): Parameters<ButtonHtml>[0] {
  const { text, style, confirm } = one as { text: { text: string }; style?: string; confirm?: Json };
  const asks = confirm && `${(confirm.title as Json).text}\n\n${(confirm.text as Json).text}`;
  return { label: text.text, ...(style && { style }), ...(asks && { confirm: asks }) };
}

function controlHtml(element: Json, optional: boolean): string {
  const required = optional ? "" : " required";
  if (element.type === "plain_text_input")
    return `<textarea name="reason" rows="2" maxlength="${escapeHtml(element.max_length ?? 3_000)}"${required}></textarea>`;
  const options = element.options as { text: unknown; value: string }[];
  if (element.type === "checkboxes")
    return options.map(({ text }) => `<span><input type="checkbox" name="dryRun"> ${textOf(text)}</span>`).join("");
  const chosen = (element.initial_option as { value?: string } | undefined)?.value;
  const choices = options.map(
    ({ text, value }) =>
      `<option value="${escapeHtml(value)}"${value === chosen ? " selected" : ""}>${textOf(text)}</option>`,
  );
  return `<select name="region"${required}><option value="">Choose …</option>${choices.join("")}</select>`;
}
