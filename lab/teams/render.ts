import { escapeHtml } from "../slack/render.ts";

type Json = Record<string, unknown>;

/** A card as simple HTML: how it reads, not how Teams draws it. `press` makes the form around a button and its fields. */
export function cardHtml(card: Json, press: (title: string, style: string, fields: string) => string): string {
  const { body = [], actions = [] } = card;
  const elements = list(body);
  const fields = elements.filter(isInput).map(fieldHtml).join("");
  const button = (action: Json) => buttonHtml(action, fields, press);
  return [
    ...elements.filter((one) => !isInput(one)).map((one) => elementHtml(one, button)),
    `<div class="buttons">${list(actions).map(button).join(" ")}</div>`,
  ].join("\n");
}

function elementHtml(element: Json, button: (action: Json) => string): string {
  if (element.type === "Container")
    return `<div class="${escapeHtml(element.style ?? "")}">${list(element.items)
      .map((one) => elementHtml(one, button))
      .join("")}</div>`;
  if (element.type === "ActionSet") return `<div class="buttons">${list(element.actions).map(button).join(" ")}</div>`;
  return `<p>${list(element.inlines).map(runHtml).join("")}</p>`;
}

function runHtml({ text, weight, isSubtle, selectAction }: Json): string {
  const inner = escapeHtml(text);
  if (selectAction) return `<a href="${escapeHtml((selectAction as Json).url)}">${inner}</a>`;
  if (weight === "Bolder") return `<b>${inner}</b>`;
  return isSubtle ? `<span class="context">${inner}</span>` : inner;
}

function buttonHtml(
  action: Json,
  fields: string,
  press: (title: string, style: string, fields: string) => string,
): string {
  const title = String(action.title);
  const style = { positive: "primary", destructive: "danger" }[String(action.style)] ?? "";
  if (action.type !== "Action.ShowCard") return press(title, style, fields);
  const { body } = action.card as Json;
  const asked = list(body).map((one) => (isInput(one) ? fieldHtml(one) : elementHtml(one, () => "")));
  return `<details><summary>${escapeHtml(title)}</summary>${press(title, style, asked.join(""))}</details>`;
}

function fieldHtml({ type, id, label, title, choices, maxLength }: Json): string {
  const name = escapeHtml(id);
  if (type === "Input.Toggle")
    return `<label class="input"><span><input type="checkbox" name="${name}" value="true"> ${escapeHtml(title)}</span></label>`;
  const options = list(choices).map(
    (one) => `<option value="${escapeHtml(one.value)}">${escapeHtml(one.title)}</option>`,
  );
  const control =
    type === "Input.ChoiceSet"
      ? `<select name="${name}" required>${options.join("")}</select>`
      : `<textarea name="${name}" rows="2" maxlength="${escapeHtml(maxLength ?? 500)}" required></textarea>`;
  return `<label class="input"><b>${escapeHtml(label)}</b>${control}</label>`;
}

function isInput({ type }: Json): boolean {
  return String(type).startsWith("Input.");
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
