import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { colorIcon, outlineIcon } from "./icons.ts";

export interface AppPackageOptions {
  /** Application id of the bot's registration. */
  appId: string;
  /** An https address that says who runs this Muster; Teams shows it with the app. */
  site: string;
}

/** The package that Teams takes: the same bytes for the same options. */
export function appPackage({ appId, site }: AppPackageOptions): Uint8Array {
  const template = readFileSync(new URL("manifest.json", import.meta.url), "utf8");
  const manifest = template.replaceAll("{{APP_ID}}", appId).replaceAll("{{SITE}}", site);
  // The zip format has no time zone: the first moment that it knows, in whichever zone this runs.
  const mtime = new Date(1980, 0, 1);
  const file = (content: Uint8Array): [Uint8Array, { mtime: Date }] => [content, { mtime }];
  return zipSync({
    "manifest.json": file(Buffer.from(manifest)),
    "color.png": file(colorIcon()),
    "outline.png": file(outlineIcon()),
  });
}
