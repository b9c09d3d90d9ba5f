import { actionStubs } from "./actions.ts";
import { approvalStubs } from "./approvals.ts";
import { askStubs } from "./ask.ts";
import { assistantStubs } from "./assistant.ts";
import { commsStubs } from "./comms.ts";
import { controlStubs } from "./control.ts";
import { deliveryStubs } from "./deliveries.ts";
import { detectionStubs } from "./detection.ts";
import { documentationStubs } from "./documentation.ts";
import { guardStubs } from "./guards.ts";
import { instanceStubs } from "./instances.ts";
import { journalStubs } from "./journal.ts";
import { lossStubs } from "./losses.ts";
import { pagerStubs } from "./pager.ts";
import { peopleStubs } from "./people.ts";
import { runStubs } from "./runs.ts";
import { securityStubs } from "./security.ts";
import { slackStubs } from "./slack.ts";
import type { Stub } from "./stub.ts";
import { stumbleStubs } from "./stumbles.ts";
import { teamsStubs } from "./teams.ts";
import { warRoomStubs } from "./war-room.ts";

export const all: Stub[] = [
  ...actionStubs,
  ...askStubs,
  ...journalStubs,
  ...runStubs,
  ...approvalStubs,
  ...guardStubs,
  ...detectionStubs,
  ...teamsStubs,
  ...lossStubs,
  ...peopleStubs,
  ...instanceStubs,
  ...assistantStubs,
  ...controlStubs,
  ...slackStubs,
  ...commsStubs,
  ...warRoomStubs,
  ...deliveryStubs,
  ...pagerStubs,
  ...securityStubs,
  ...documentationStubs,
  ...stumbleStubs,
];
