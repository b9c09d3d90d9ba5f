import { type OfferedButton, offered } from "../cards/buttons.ts";
import type { Card } from "../cards/card.ts";
import type { Caller } from "../core.ts";
import { list } from "../format.ts";

const entry = (
  label: string,
  command: string,
  role: OfferedButton["role"],
  style: OfferedButton["style"] = "default",
) => ({ label, style, command, input: {}, role }) satisfies OfferedButton;

const ENTRIES: OfferedButton[] = [
  entry("Status", "status", "observer", "primary"),
  entry("Summary", "summary", "observer"),
  entry("Pending approvals", "pending", "observer"),
  entry("Readiness", "readiness", "observer"),
  entry("Timeline", "timeline", "observer"),
  entry("Fail over …", "failover", "operator"),
  entry("Fail back …", "failback", "operator"),
  entry("Write the report", "report", "operator"),
  entry("All commands", "help", "observer"),
];

/** What a bare `/dr` answers: what this person may do, as buttons. */
export function menuCard(caller: Caller): Card {
  if (caller.roles.length === 0) {
    return {
      title: "This account is not linked to anybody that Muster knows",
      status: "warning",
      text: ['Sign in to the control room or the CLI, run "link" there, and send the code here: /dr link <code>'],
      fallback: "This account is not linked.",
    };
  }
  return {
    title: "What would you like to do?",
    status: "info",
    text: ["Or type it: /dr status, /dr failover <region>, /dr help."],
    buttons: offered(caller, ENTRIES),
    context: [`You are ${caller.principal}: ${list(caller.roles)}.`],
    fallback: "What would you like to do?",
  };
}
