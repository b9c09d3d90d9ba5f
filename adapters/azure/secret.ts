import type { SignIn } from "../../src/assistant/sign-in.ts";
import { secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";

export interface CredentialOptions {
  secret(name: string): string | undefined;
  /** Another authority than those that every system trusts, for a private cloud and for tests. */
  ca?: string;
}

/** The secret that a way to sign in names, if it names one. Throws AppError `config-invalid` when it is not set. */
export function secretOf(
  { as, clientId, secretFrom = "" }: SignIn,
  secret: CredentialOptions["secret"],
): string | undefined {
  if (as !== "client-secret") return undefined;
  const value = secret(secretFrom);
  if (value !== undefined) return value;
  throw new AppError({
    code: "config-invalid",
    summary: `The application ${clientId} has no secret to sign in to Azure with.`,
    hint: `Set the secret that secretFrom names: ${secretVariable(secretFrom)}.`,
  });
}
