import type { Assistant } from "./assistant/ask.ts";
import type { CommsView } from "./comms/comms-view.ts";
import type { Stage } from "./comms/events.ts";
import type { ErrorCode, ErrorReport } from "./errors.ts";
import type { DomainEvent } from "./events.ts";
import type { InstancesView, StoreStatus } from "./instances/views.ts";
import type { Divergence } from "./journal/history.ts";
import type { Head } from "./journal/store.ts";
import type { ManualRunbook } from "./manual/runbook.ts";
import type { Imported } from "./offline/import.ts";
import type { OnCallView } from "./pager/on-call.ts";
import type { Identity } from "./people/identity.ts";
import type { createLinks } from "./people/links.ts";
import type { createTokens } from "./people/tokens.ts";
import type { Plan } from "./plans/plan.ts";
import type { DraftedDocument } from "./reports/events.ts";
import type { VersionFacts } from "./reports/schema-items.ts";
import type { Evidence, StepReadiness } from "./runs/events.ts";
import type { ApprovalState, AppState, IncidentState, LockState, RunState } from "./state.ts";
import type { createWarRoom } from "./war-room/war-room.ts";

export type Role = "observer" | "operator" | "approver" | "commander";

/** The principal behind a command. Roles are flat: a commander lists the others too. */
export interface Caller {
  principal: string;
  name: string;
  roles: Role[];
  /** The account that a chat vouches for; without a role it stands for nobody yet. */
  identity?: Identity;
}

/** What a run waits for, in words; what `dr why` prints. */
export interface Waiting {
  runId: string;
  stepId?: string;
  because: string;
  /** When it ends by itself, if it does (ISO 8601). */
  until?: string;
}

export interface DryRun {
  dryRun: true;
  runbook: string;
  source: string;
  target: string;
  evidence: Evidence;
  /** Each step with what would be written. */
  steps: {
    stepId: string;
    name: string;
    uses: string;
    needs: string[];
    input: unknown;
    readiness: StepReadiness;
    /** In a rollback: what was seen before the change that is undone. */
    putsBack?: unknown;
  }[];
  /** The run that would be undone. */
  rollbackOf?: string;
  /** Guards that refuse the run now; empty when it could be proposed. */
  refusals: ErrorReport[];
}

export interface AuditResult {
  ok: boolean;
  events: number;
  head: Head;
  /** The first event whose hash, link or numbering does not hold. */
  firstBad?: { seq: number; reason: string };
}

export interface JournalQuery {
  run?: string | undefined;
  kind?: string | undefined;
  after?: number | undefined;
  limit?: number | undefined;
}

export interface ReportFiles {
  incidentId: string;
  /** Directory on the server. */
  directory: string;
  documents: { name: string; text: string }[];
  version: VersionFacts;
  /** Files that a person had changed, beside which the new text stands. */
  kept: string[];
}

export interface RedraftRequest {
  document: DraftedDocument;
  section: string;
  /** What a person would have it look at. */
  hint: string;
}

/** What commands and HTTP handlers may ask of the core. Every method throws AppError for bad requests. */
export interface Core {
  plan: Plan;
  state(): Promise<AppState>;
  /** Milliseconds since 1970, by this instance's clock. */
  now(): number;
  runs: {
    propose(
      runbook: string,
      request: {
        target?: string | undefined;
        reason?: string | undefined;
        rehearsal?: boolean | undefined;
        /** Override the guards that a commander may override; needs a reason, and another person's yes. */
        breakGlass?: boolean | undefined;
        overrideLock?: boolean | undefined;
      },
      caller: Caller,
    ): Promise<{ run: RunState; approval?: ApprovalState }>;
    dryRun(runbook: string, request: { target?: string | undefined }, caller: Caller): Promise<DryRun>;
    retry(runId: string, stepId: string, caller: Caller): Promise<RunState>;
    skip(runId: string, stepId: string, reason: string, caller: Caller): Promise<RunState>;
    /** No attempt starts and nothing is applied until it is resumed; what has been sent is looked at to its end. */
    pause(runId: string, reason: string, caller: Caller): Promise<RunState>;
    resume(runId: string, caller: Caller): Promise<RunState>;
    /** Nothing is applied any more. The run ends when nothing is in flight, or with `now` at once. */
    abort(runId: string, reason: string, caller: Caller, options?: { now?: boolean }): Promise<RunState>;
    /** Proposes to undo the traffic and scale steps of a run that has ended, in reverse order. */
    rollback(
      runId: string,
      reason: string,
      caller: Caller,
      options?: { overrideLock?: boolean | undefined },
    ): Promise<{ run: RunState; approval?: ApprovalState }>;
    dryRunRollback(runId: string): Promise<DryRun>;
    why(runId: string): Promise<{ run: RunState; waiting: Waiting[] }>;
  };
  approvals: {
    approve(
      approvalId: string,
      accepted: string[],
      caller: Caller,
    ): Promise<{ approval: ApprovalState; run: RunState }>;
    deny(approvalId: string, reason: string, caller: Caller): Promise<{ approval: ApprovalState; run: RunState }>;
    pending(): Promise<ApprovalState[]>;
  };
  /** The change freeze. */
  locks: {
    lock(request: { reason: string; forMs?: number | undefined }, caller: Caller): Promise<AppState>;
    unlock(reason: string | undefined, caller: Caller): Promise<{ lifted: LockState; state: AppState }>;
  };
  incidents: {
    note(text: string, caller: Caller): Promise<{ noteId: string; incidentId?: string }>;
    resolve(reason: string, caller: Caller): Promise<IncidentState>;
  };
  /** Answers questions from what it may look at. Throws `config-invalid` where no model is connected. */
  assistant: Pick<Assistant, "ask">;
  /** Who does what in the open incident, and how it goes. */
  warRoom: ReturnType<typeof createWarRoom>;
  /** What the public is told. */
  comms: {
    view(): Promise<CommsView>;
    post(stage: Stage, caller: Caller): Promise<CommsView>;
    hold(stage: Stage, caller: Caller): Promise<CommsView>;
    edit(stage: Stage, text: string, caller: Caller): Promise<CommsView>;
    /** Has what did not reach a pager, mailbox or webhook, and was given up, tried again. */
    retry(destination: string | undefined, caller: Caller): Promise<CommsView>;
  };
  /** Who is on call now. Throws `config-invalid` where there is no pager to ask. */
  onCall(): Promise<OnCallView>;
  /** Assesses every step of every runbook that could run now; writes nothing but `readiness.changed`. */
  readiness(): Promise<AppState["readiness"]>;
  journal: {
    query(query: JournalQuery): Promise<DomainEvent[]>;
    verify(): Promise<AuditResult>;
    /** The lines of a backup (src/journal/backup.ts) of the whole journal as it stands at the call. */
    backup(): AsyncIterable<string>;
    /** Calls back soon after something was appended. */
    subscribe(listener: () => void): () => void;
  };
  /** Renders the documents of an incident (the open one, else the latest) and writes them under `reports/`. */
  reports: {
    write(incidentId?: string): Promise<ReportFiles>;
    /** A version as it was made, the latest without a number; writes nothing. */
    read(incidentId: string, version?: number): Promise<ReportFiles["documents"]>;
    version(incidentId: string | undefined, number: number): Promise<ReportFiles>;
    /** One section by a model anew, with a hint; asked for by the caller. */
    redraft(request: RedraftRequest, incidentId: string | undefined, caller: Caller): Promise<ReportFiles>;
  };
  /** Who there is and what each drives; what was known last while the store does not answer. Never throws. */
  instances(): Promise<InstancesView>;
  store: {
    /** Whether what is shown is what stands. Asks nobody. */
    status(): StoreStatus;
    /** The state as it was loaded last: what is left to show while the store does not answer. */
    lastKnown(): AppState;
    /** Goes on with a store that lost events. Throws `wrong-state` when it lost none. */
    acceptHead(reason: string, caller: Caller): Promise<Divergence>;
  };
  /** A runbook for hands: Markdown with the vendors' own commands. Throws AppError for unknown names. */
  manual(runbook: string, target?: string): ManualRunbook;
  /** Takes the journal of a local run into this one. */
  importOffline(transcript: string, caller: Caller): Promise<Imported>;
  /** Tokens that people make for themselves, and accounts of chats that stand for them. */
  tokens: Pick<ReturnType<typeof createTokens>, "create" | "list" | "revoke">;
  links: Pick<ReturnType<typeof createLinks>, "offer" | "redeem" | "unlink">;
  /** Appends `command.refused`; never throws. */
  refused(command: string, error: ErrorReport, caller: Caller): Promise<void>;
  /** Counts what was turned away before anybody was known, for `door.refused`; never throws. */
  turnedAway(source: string, code: ErrorCode): void;
}
