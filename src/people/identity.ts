import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";

/** The account of a chat that speaks to Muster, as the chat itself vouches for it. */
export interface Identity {
  /** `slack`, `teams`, `pagerduty`. */
  system: string;
  account: string;
}

/**
 * The caller behind an account that stands for nobody: it has no role and may do nothing but read help and redeem a
 * link code. The colon keeps its name apart from every principal of a people file.
 */
export function unlinkedCaller({ system, account }: Identity): Caller {
  const principal = `unlinked:${system}/${account}`.slice(0, 200);
  return { principal, name: `${system} account`, roles: [], identity: { system, account } };
}

/** Says nothing of who there is: whoever can write in that chat may be anybody. */
export function standsForNobody(system: string): AppError {
  return new AppError({
    code: "not-allowed",
    summary: `This ${system} account stands for nobody here yet.`,
    hint: "Run `link` in the control room or with `npm run dr --`, as yourself; then send `/dr link <code>` from here.",
  });
}
