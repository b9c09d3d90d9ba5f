/** What Teams refuses in a card, and what a person sees of one. https://adaptivecards.io/explorer */
type Json = Record<string, unknown>;

const ELEMENTS = new Set(["Container", "RichTextBlock", "ActionSet", "Input.Text", "Input.ChoiceSet", "Input.Toggle"]);
const STYLES = new Set(["default", "positive", "destructive"]);
const CONTAINERS = new Set(["default", "emphasis", "good", "attention", "warning", "accent"]);

/** Why Teams would not take the card; undefined when it would. */
export function cardFault(card: unknown): string | undefined {
  const { type, version, body = [], actions = [], refresh } = (card ?? {}) as Json;
  if (type !== "AdaptiveCard") return `a card of type ${String(type)}`;
  if (!/^1\.[0-5]$/.test(String(version))) return `version ${String(version)}`;
  const ids = idsOf(body);
  if (new Set(ids).size !== ids.length) return "an id stands twice";
  return (
    first(body, elementFault) ??
    (list(actions).length > 6 ? "more than 6 actions" : undefined) ??
    first(actions, actionFault) ??
    (refresh === undefined ? undefined : refreshFault(refresh as Json))
  );
}

function elementFault(element: Json): string | undefined {
  const type = String(element.type);
  if (!ELEMENTS.has(type)) return `unknown element ${type}`;
  if (type === "Container") {
    if (element.style !== undefined && !CONTAINERS.has(String(element.style))) return "an unknown style of container";
    return first(element.items, elementFault);
  }
  if (type === "ActionSet") {
    return list(element.actions).length > 6 ? "more than 6 actions" : first(element.actions, actionFault);
  }
  if (type.startsWith("Input.") && typeof element.id !== "string") return "an input without an id";
  if (type === "RichTextBlock") {
    const inlines = list(element.inlines);
    if (inlines.length === 0) return "a text without runs";
    return first(inlines, runFault);
  }
  return undefined;
}

function runFault({ type, text, selectAction }: Json): string | undefined {
  if (type !== "TextRun" || typeof text !== "string" || text === "") return "an empty run";
  if (selectAction === undefined) return undefined;
  const { type: action, url } = selectAction as Json;
  if (action !== "Action.OpenUrl") return `a text that does ${String(action)}`;
  return /^https?:\/\/./.test(String(url)) ? undefined : "a link without an address";
}

function actionFault(action: Json): string | undefined {
  const { type, title, style, card, fallback } = action;
  if (typeof title !== "string" || title === "") return "an action without a title";
  if (style !== undefined && !STYLES.has(String(style))) return `style ${String(style)}`;
  if (type === "Action.ShowCard") return cardFault({ ...(card as Json), version: "1.5" });
  if (type === "Action.Execute") return fallback === undefined ? undefined : actionFault(fallback as Json);
  return type === "Action.Submit" ? undefined : `unknown action ${String(type)}`;
}

function refreshFault({ action, userIds = [] }: Json): string | undefined {
  if ((action as Json | undefined)?.type !== "Action.Execute") return "a refresh that does not execute";
  return list(userIds).length > 60 ? "more than 60 users to refresh for" : undefined;
}

export interface ButtonSeen {
  title: string;
  /** What is pressed in the end: inside the card that unfolds, where there is one. */
  action: Json;
  /** Ids of the fields to fill in first. */
  inputs: string[];
}

/** What a person reads of a card, and the buttons that stand on it. */
export function readCard(card: unknown): { text: string; buttons: ButtonSeen[] } {
  const { body = [], actions = [] } = (card ?? {}) as Json;
  const texts: string[] = [];
  const buttons: ButtonSeen[] = [];
  const inputs: string[] = [];
  const press = (action: Json) => {
    const unfolded = action.card as Json | undefined;
    const [inner = action] = list(unfolded?.actions);
    const fields = list(unfolded?.body).flatMap(({ type, id }) =>
      String(type).startsWith("Input.") ? [String(id)] : [],
    );
    buttons.push({ title: String(action.title), action: inner, inputs: [...inputs, ...fields] });
  };
  const visit = (element: Json) => {
    if (element.type === "Container") list(element.items).forEach(visit);
    if (element.type === "ActionSet") list(element.actions).forEach(press);
    if (element.type === "RichTextBlock")
      texts.push(
        list(element.inlines)
          .map(({ text }) => text)
          .join(""),
      );
    if (String(element.type).startsWith("Input.")) {
      inputs.push(String(element.id));
      const choices = list(element.choices).map(({ title }) => String(title));
      texts.push([element.label ?? element.title ?? "", ...choices].join("\n"));
    }
  };
  list(body).forEach(visit);
  list(actions).forEach(press);
  return { text: texts.join("\n"), buttons };
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function first(items: unknown, check: (item: Json) => string | undefined): string | undefined {
  for (const item of list(items)) {
    const fault = check(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function idsOf(value: unknown): string[] {
  return list(value).flatMap((element) => [
    ...(typeof element.id === "string" ? [element.id] : []),
    ...idsOf(element.items),
  ]);
}
