/** As much of XML as the AWS query and REST-XML protocols send: elements and text, attributes skipped. */
export interface XmlElement {
  name: string;
  text: string;
  children: XmlElement[];
}

const MAX_DEPTH = 32;

/** Throws a plain Error on anything that is not one well-formed element. */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: "", text: "", children: [] };
  const open = [root];
  const body = source.replace(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->/g, "");
  if (/<!/.test(body)) throw new Error("document types and CDATA are not accepted");
  for (const [, text = "", closing, name = "", selfClosing] of body.matchAll(/([^<]*)<(\/?)([\w:.-]+)[^>]*?(\/?)>/g)) {
    const parent = open.at(-1)!;
    parent.text += decode(text);
    if (closing) {
      if (open.length === 1 || parent.name !== name) throw new Error(`</${name}> closes nothing`);
      open.pop();
      continue;
    }
    const element: XmlElement = { name, text: "", children: [] };
    parent.children.push(element);
    if (!selfClosing) open.push(element);
    if (open.length > MAX_DEPTH) throw new Error("too deep");
  }
  const element = root.children[0];
  if (open.length !== 1 || root.children.length !== 1 || !element) throw new Error("not one well-formed element");
  return element;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(element, name)[0];
}

export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

export type XmlContent = string | number | boolean | undefined | { [name: string]: XmlContent | XmlContent[] };

/** `{ A: { B: ["1", "2"] } }` becomes `<A><B>1</B><B>2</B></A>`; undefined leaves the element out. */
export function renderXml(content: XmlContent | XmlContent[]): string {
  if (content === undefined) return "";
  if (typeof content !== "object") return encode(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
    )
    .map(([name, value]) => (value === undefined ? "" : `<${name}>${renderXml(value)}</${name}>`))
    .join("");
}

const encode = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const decode = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
