import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

/** The system's own Chromium: none is downloaded. */
const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = EXECUTABLES.find((path) => existsSync(path));

/** Without one, tests with a browser are left out; where CI is set they fail instead. */
export const browserInstalled = executablePath !== undefined || process.env.CI !== undefined;
if (!browserInstalled) console.warn("Chromium is not installed: tests that look at pages in a browser are left out.");

export interface Visit {
  width: number;
  height: number;
  dark?: boolean;
  /** Without, pages must still say what they have to say. */
  script?: boolean;
}

export async function startBrowser() {
  if (executablePath === undefined) throw new Error("There is no Chromium: apt-get install chromium");
  // As root, which CI may be, Chromium has no sandbox.
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return {
    /** A page of a fresh profile; what goes wrong in it is collected. */
    async open(url: string, { width, height, dark = false, script = true }: Visit) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        javaScriptEnabled: script,
      });
      const page: Page = await context.newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(url);
      return { page, errors };
    },
    close: () => browser.close(),
  };
}
