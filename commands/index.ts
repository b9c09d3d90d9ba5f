import type { Command } from "../src/commands/command.ts";
import { abort } from "./abort.ts";
import { approve } from "./approve.ts";
import { createAsk } from "./ask.ts";
import { auditVerify } from "./audit-verify.ts";
import { checkin } from "./checkin.ts";
import { comms } from "./comms.ts";
import { commsEdit } from "./comms-edit.ts";
import { commsHold } from "./comms-hold.ts";
import { commsPost } from "./comms-post.ts";
import { commsRetry } from "./comms-retry.ts";
import { deny } from "./deny.ts";
import { failback } from "./failback.ts";
import { failover } from "./failover.ts";
import { handover } from "./handover.ts";
import { handoverAccept } from "./handover-accept.ts";
import { handoverDecline } from "./handover-decline.ts";
import { createHelp } from "./help.ts";
import { journal } from "./journal.ts";
import { link } from "./link.ts";
import { lock } from "./lock.ts";
import { note } from "./note.ts";
import { oncall } from "./oncall.ts";
import { pause } from "./pause.ts";
import { pending } from "./pending.ts";
import { postmortem } from "./postmortem.ts";
import { readiness } from "./readiness.ts";
import { rejoin } from "./rejoin.ts";
import { report } from "./report.ts";
import { resolve } from "./resolve.ts";
import { resume } from "./resume.ts";
import { retry } from "./retry.ts";
import { role } from "./role.ts";
import { roleGive } from "./role-give.ts";
import { roleRelease } from "./role-release.ts";
import { roleTake } from "./role-take.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run.ts";
import { runbook } from "./runbook.ts";
import { runs } from "./runs.ts";
import { skip } from "./skip.ts";
import { status } from "./status.ts";
import { storeAccept } from "./store-accept.ts";
import { summary } from "./summary.ts";
import { timeline } from "./timeline.ts";
import { tokenCreate } from "./token-create.ts";
import { tokenList } from "./token-list.ts";
import { tokenRevoke } from "./token-revoke.ts";
import { unlink } from "./unlink.ts";
import { unlock } from "./unlock.ts";
import { why } from "./why.ts";

/** Every verb of `/dr`, in the order in which help lists them. */
export const commands: readonly Command[] = [
  status,
  summary,
  createAsk(() => commands),
  readiness,
  failover,
  failback,
  rejoin,
  pending,
  approve,
  deny,
  why,
  runs,
  run,
  pause,
  resume,
  retry,
  skip,
  abort,
  rollback,
  lock,
  unlock,
  timeline,
  note,
  role,
  roleTake,
  roleRelease,
  roleGive,
  handover,
  handoverAccept,
  handoverDecline,
  checkin,
  comms,
  commsPost,
  commsHold,
  commsEdit,
  commsRetry,
  oncall,
  resolve,
  report,
  postmortem,
  runbook,
  journal,
  auditVerify,
  storeAccept,
  link,
  unlink,
  tokenCreate,
  tokenList,
  tokenRevoke,
  createHelp(() => commands),
];
