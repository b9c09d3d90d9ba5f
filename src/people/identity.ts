import type { Caller } from "../core.ts";

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
