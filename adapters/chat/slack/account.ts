import type { ChatAccount } from "../../../src/chat/port.ts";

interface From {
  user: string;
  team?: string | null | undefined;
  enterprise?: string | null | undefined;
  name?: string | undefined;
}

/** One account however the app is installed: user ids are unique in an organisation, and else in a workspace. */
export function accountOf({ user, team, enterprise, name }: From): ChatAccount {
  return { account: `${enterprise ?? team ?? "-"}/${user}`, name: name ?? user };
}
