import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Tls {
  key: string;
  cert: string;
  /** Whom a client has to trust. */
  ca: string;
}

/** A certificate for this machine, made anew, that nobody trusts by themselves. */
export function makeTls(): Tls {
  const directory = mkdtempSync(join(tmpdir(), "muster-tls-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  try {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "pipe" });
    const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
    return { ...made, ca: made.cert };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
