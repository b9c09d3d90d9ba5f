import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSelfHostedPage } from "../../adapters/status-page/self-hosted.ts";
import type { PublicUpdate } from "../../src/status-page/port.ts";
import { pageWith } from "../contracts/status-page.ts";
import { browserInstalled, startBrowser } from "../helpers/browser.ts";
import { serveFetch } from "../helpers/serve.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".json": "application/json",
};
const STARTED = "2026-05-04T02:13:40.000Z";
const update = (stage: PublicUpdate["stage"], at: string, text: string, startedAt = STARTED): PublicUpdate => {
  return { stage, title: "Disruption of Question answering", text, at, startedAt };
};
const long = `A-word-without-end-${"x".repeat(120)}`;
const shown = pageWith(
  [
    update("investigating", "2026-05-01T10:00:00.000Z", "Some requests failed.", "2026-05-01T09:59:00.000Z"),
    update("resolved", "2026-05-01T10:20:00.000Z", "This incident is resolved.", "2026-05-01T09:59:00.000Z"),
    update("investigating", "2026-05-04T02:13:50.000Z", `Requests have been failing. ${long}`),
    update("identified", "2026-05-04T02:18:40.000Z", "We have found what is wrong: a location is not available."),
  ],
  "major_outage",
);
shown.components.push(
  { id: "console", name: "Console", state: "operational" },
  { id: "search", name: "Search", state: "degraded_performance" },
  { id: "upload", name: "Uploads", state: "partial_outage" },
  { id: "batch", name: "Batches", state: "unknown" },
);

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
const views = Object.entries(sizes).flatMap(([name, size]) =>
  [false, true].map((dark) => [`${name}, ${dark ? "dark" : "light"}`, { ...size, dark, script: false }] as const),
);

/**
 * Run in the browser, whose types are not known here: the least contrast of any text with what lies under it (WCAG 2.2,
 * 1.4.3), and by how much the widest thing is wider than the window.
 */
const LOOK = `(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const under = (element) => {
    if (!element) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    return /, 0\\)$/.test(backgroundColor) ? under(element.parentElement) : backgroundColor;
  };
  const ratios = [...document.querySelectorAll("body *")]
    .filter(({ childNodes }) => [...childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((element) => {
      const pair = [light(getComputedStyle(element).color), light(under(element))];
      return { text: element.textContent, ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) };
    })
    .toSorted((one, other) => one.ratio - other.ratio);
  const { scrollWidth, clientWidth } = document.documentElement;
  return { worst: ratios[0], excess: scrollWidth - clientWidth };
})()`;
interface Look {
  worst: { text: string; ratio: number };
  excess: number;
}

describe.skipIf(!browserInstalled)("the status page in a browser, without a script", () => {
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  let directory: string;
  beforeAll(async () => {
    browser = await startBrowser();
    directory = mkdtempSync(join(tmpdir(), "muster-page-"));
    await createSelfHostedPage({ directory }).show(shown, new AbortController().signal);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(views)("says how things are, to be read by everybody: %s", async (_, view) => {
    const asked: string[] = [];
    const url = await serveFetch((request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const file = pathname === "/" ? "index.html" : pathname.slice(1);
      return new Response(readFileSync(join(directory, file), "utf8"), {
        headers: { "content-type": TYPES[extname(file)] ?? "text/plain" },
      });
    });
    const { page, errors } = await browser.open(url, view);
    const headings = await page.getByRole("heading").allTextContents();
    expect(headings.slice(0, 2).map((text) => text.trim())).toEqual(["GenAI API status", "Requests fail"]);
    expect(await page.getByRole("listitem").filter({ hasText: "Console" }).first().textContent()).toContain("Working");
    await page.getByText("We have found what is wrong").waitFor();
    const texts = await page.getByRole("article").allTextContents();
    expect(texts).toHaveLength(2);
    const { worst, excess } = await page.evaluate<Look>(LOOK);
    expect(worst.ratio, worst.text).toBeGreaterThanOrEqual(4.5);
    expect(excess).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    // Nothing comes from elsewhere, an icon neither: it is read when much else is away.
    expect(asked.toSorted()).toEqual(["/", "/status.css"]);
    await page.context().close();
  });
});
