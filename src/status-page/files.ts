import { readFileSync } from "node:fs";
import { statusAtom } from "./feed.ts";
import { statusHtml } from "./html.ts";
import type { PublicPage } from "./views.ts";

export interface StatusFile {
  name: "index.html" | "status.json" | "atom.xml" | "status.css";
  type: string;
  text: string;
}

const css = readFileSync(new URL("status.css", import.meta.url), "utf8");

/** The whole page as files that need nothing else. `base` as for `statusHtml`. */
export function statusFiles(page: PublicPage, base = ""): StatusFile[] {
  return [
    { name: "status.css", type: "text/css; charset=utf-8", text: css },
    { name: "status.json", type: "application/json; charset=utf-8", text: `${JSON.stringify(page, undefined, 2)}\n` },
    { name: "atom.xml", type: "application/atom+xml; charset=utf-8", text: statusAtom(page) },
    // The last one: whoever reads the page finds what it leads to.
    { name: "index.html", type: "text/html; charset=utf-8", text: statusHtml(page, base) },
  ];
}
