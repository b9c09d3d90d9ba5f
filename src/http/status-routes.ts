import { Hono } from "hono";
import { knownState } from "../commands/known-state.ts";
import { AppError } from "../errors.ts";
import type { StatusFile } from "../status-page/files.ts";
import { publicPage } from "../status-page/views.ts";
import type { HttpContext, HttpEnv } from "./options.ts";

/** Many may ask at once when something is wrong: they share what was made this long ago at most. */
const FRESH_MS = 2_000;

/** The page for everybody, without signing in. What is not published is not in it. */
export function createStatus({ core }: Pick<HttpContext, "core">): Hono<HttpEnv> {
  const status = new Hono<HttpEnv>();
  let made: { at: number; files: Promise<StatusFile[]> } | undefined;

  async function make(): Promise<StatusFile[]> {
    const { state } = await knownState(core);
    const at = new Date(core.now()).toISOString();
    const page = publicPage(core.plan, state, at, { destination: "page" });
    if (!page) {
      const hint = "Add communication to the plan (docs/communication.md).";
      throw new AppError({ code: "not-found", summary: "This Muster has no status page.", hint });
    }
    // Loaded at first use: most of the time nobody looks.
    const { statusFiles } = await import("../status-page/files.ts");
    return statusFiles(page, "/status/");
  }

  async function files(): Promise<StatusFile[]> {
    const now = core.now();
    if (!made || now - made.at >= FRESH_MS || now < made.at) made = { at: now, files: make() };
    return await made.files;
  }

  const paths = { "/status": "index.html", "/status/": "index.html" } as const;
  const names = ["index.html", "status.json", "atom.xml", "status.css"] as const;
  const routes = [...Object.entries(paths), ...names.map((name) => [`/status/${name}`, name] as const)];
  for (const [path, name] of routes) {
    status.get(path, async (c) => {
      const file = (await files()).find((one) => one.name === name);
      return c.body(file?.text ?? "", 200, {
        "content-type": file?.type ?? "text/plain",
        "cache-control": "max-age=10",
      });
    });
  }
  return status;
}
