import type { Logger } from "pino";
import { createApprovals } from "./approvals/approvals.ts";
import { type AssistantOptions, connectAssistant } from "./assistant/connect.ts";
import { createWriter } from "./assistant/writer.ts";
import { createComms } from "./comms/comms.ts";
import { createScheduler } from "./comms/scheduler.ts";
import type { WordingOptions } from "./comms/wording.ts";
import { createWordingWorker } from "./comms/wording-worker.ts";
import type { Writer } from "./comms/words.ts";
import type { Core } from "./core.ts";
import { createDeliveries } from "./deliveries/deliveries.ts";
import type { Destination } from "./deliveries/port.ts";
import { createDelivery } from "./deliveries/worker.ts";
import { createDetector } from "./detection/detector.ts";
import { createSampler } from "./detection/sampler.ts";
import { fold, initialState } from "./fold.ts";
import { createReporter } from "./followers/reporter.ts";
import { createReports } from "./followers/reports.ts";
import { createIncidents } from "./incidents/incidents.ts";
import { createInstances, type Instances } from "./instances/instances.ts";
import { createPlacement } from "./instances/placement-worker.ts";
import { backupLines } from "./journal/backup.ts";
import type { NextTurn } from "./journal/batches.ts";
import { createJournal, type Journal } from "./journal/journal.ts";
import { queryJournal } from "./journal/query.ts";
import type { JournalStore } from "./journal/store.ts";
import { verifyChain } from "./journal/verify.ts";
import { createLocks } from "./locks/locks.ts";
import { manualRunbook, manualSubject } from "./manual/runbook.ts";
import { createImport } from "./offline/import.ts";
import { askOnCall, onCallPeople } from "./pager/on-call.ts";
import type { OnCall } from "./pager/port.ts";
import { createPeopleDirectory, type PeopleDirectory } from "./people/directory.ts";
import { createDoorLog } from "./people/door-log.ts";
import { createLinks } from "./people/links.ts";
import { createRoster, type Roster } from "./people/roster.ts";
import { createTokens } from "./people/tokens.ts";
import type { Plan } from "./plans/plan.ts";
import type { Clock, Registry } from "./ports.ts";
import { createRunControl, findRun } from "./runs/control.ts";
import { decide } from "./runs/decide.ts";
import { createExecutor } from "./runs/executor.ts";
import { dryRun, dryRunRollback, propose, proposeRollback } from "./runs/propose.ts";
import { proposeByItself } from "./runs/propose-by-itself.ts";
import { createReadiness } from "./runs/readiness-worker.ts";
import { isInFlight } from "./runs/views.ts";
import { createFollower } from "./status-page/follower.ts";
import type { StatusPagePort } from "./status-page/port.ts";
import { createCheckIns } from "./war-room/check-ins.ts";
import { createWarRoom } from "./war-room/war-room.ts";
import { createWorker, type Worker } from "./workers/worker.ts";

export interface CoreOptions {
  plan: Plan;
  registry: Registry;
  store: JournalStore;
  instance: string;
  clock: Clock;
  logger: Logger;
  leaseMs: number;
  requestTimeoutMs: number;
  reportsDirectory: string;
  /** Who drafts what stands in prose and answers questions, where a model is configured. */
  assistant?: AssistantOptions & { wording: WordingOptions["prompt"] };
  /** Where the public is told. */
  statusPages?: readonly StatusPagePort[];
  /** Who is told one thing for each event: pagers, mailboxes, webhooks. */
  deliveries?: readonly Destination[];
  /** Who says who is on call. */
  onCall?: OnCall;
  /** Where the store's servers are, in their order. */
  storePlaces?: readonly string[];
  /** Where this machine remembers what it last saw standing in a store that is elsewhere. */
  tailPath?: string;
  /** The people file in force; nobody when there is none. */
  roster?: Roster;
  /** The event loop's next turn, unless turns are simulated. */
  nextTurn?: NextTurn;
}

export interface Muster {
  core: Core;
  journal: Journal;
  workers: Worker[];
  presence: Pick<ReturnType<Instances["attach"]>, "compare" | "start" | "stop">;
  directory: PeopleDirectory;
  /** Under what this start holds leases, and whether nobody may take one: for workers that are made elsewhere. */
  leases: Pick<Instances, "holder" | "isHalted">;
  /** The store, watched: whoever is made elsewhere notices with everybody else that it is away. */
  store: JournalStore;
}

/** The whole of deciding and doing, without any door: commands and HTTP are put in front of it. */
export function createCore(options: CoreOptions): Muster {
  const { plan, registry, instance, clock, logger, requestTimeoutMs } = options;
  const { actions } = registry;
  const instances = createInstances({ ...options, application: plan.application });
  const { store, holder, isHalted } = instances;
  const journal = createJournal({
    store,
    application: plan.application,
    instance,
    clock,
    initial: initialState(plan),
    fold,
    onDivergence: instances.onDivergence,
    ...(options.nextTurn && { nextTurn: options.nextTurn }),
  });
  const { core: ofInstances, ...presence } = instances.attach(journal);
  const sampler = createSampler({ plan, registry, journal, clock, requestTimeoutMs });
  const readiness = createReadiness({ plan, actions, journal, clock, requestTimeoutMs });
  const writer = options.assistant && createWriter({ ...options.assistant, clock, logger });
  const reports = createReports({
    plan,
    journal,
    clock,
    directory: options.reportsDirectory,
    ...(writer && { writer }),
  });
  const reporter = createReporter({ reports, journal, store, clock, logger });
  const proposing = { plan, registry, journal, clock, sampler, requestTimeoutMs };
  const executor = createExecutor({
    plan,
    journal,
    actions,
    clock,
    logger,
    requestTimeoutMs,
    refreshLoss: (run, { fence }) => sampler.refresh(run.source, run.target, fence),
    propose: (proposal, { fence }) => proposeByItself(proposing, proposal, fence),
  });
  const detector = createDetector({ plan, registry, journal, clock, logger });
  const placement = createPlacement({
    plan,
    journal,
    store,
    clock,
    storePlaces: options.storePlaces ?? [],
    instances: async () => (await ofInstances.instances()).instances,
  });
  let words: Promise<Writer> | undefined;
  const loadWriter = () => {
    words ??= import("./comms/words.ts").then(({ createWriter: create }) => create());
    return words;
  };
  const { statusPages = [], deliveries: told = [] } = options;
  const deliveries = createDeliveries({ destinations: told, journal, store });
  const destinations = statusPages.map(({ id, name }) => ({ id, name }));
  const approvals = createApprovals({ journal, clock });
  const { roster = createRoster() } = options;
  const tokens = createTokens({ journal, records: store, roster, clock });
  const doorLog = createDoorLog({ journal, clock, instance, logger });

  const core: Core = {
    plan,
    state: () => journal.load(),
    now: () => clock.now(),
    runs: {
      propose: (runbook, request, caller) => propose(proposing, runbook, request, caller),
      rollback: (runId, reason, caller, options) => proposeRollback(proposing, runId, { reason, ...options }, caller),
      dryRunRollback: (runId) => dryRunRollback(proposing, runId),
      dryRun: (runbook, request) => dryRun(proposing, runbook, request),
      ...createRunControl({ journal, actions }),
      async why(runId) {
        const state = await journal.load();
        const run = findRun(state, runId);
        const { waiting } = isInFlight(run) ? decide(state, clock.now(), actions) : { waiting: [] };
        return { run, waiting: waiting.filter((one) => one.runId === runId) };
      },
    },
    approvals,
    locks: createLocks({ journal, clock }),
    incidents: createIncidents({ journal }),
    assistant: { ask: (...asked) => assistant.ask(...asked) },
    warRoom: createWarRoom({ journal, clock, roster }),
    comms: createComms({
      plan,
      journal,
      clock,
      loadWriter,
      destinations,
      deliveries,
      hasModel: options.assistant !== undefined,
    }),
    onCall: () => askOnCall(options.onCall, clock),
    readiness: () => readiness.assessAll(),
    journal: {
      query: (query) => queryJournal(journal, query),
      verify: () => verifyChain(store),
      backup: () => backupLines(store),
      subscribe: (listener) => journal.subscribe(listener),
    },
    reports: {
      ...reports,
      write: (incidentId) => reports.write(incidentId),
      redraft: (request, incidentId, { principal }) => reports.redraft({ ...request, by: principal }, incidentId),
    },
    ...ofInstances,
    manual(runbookName, target) {
      const { runbook, source, target: to } = manualSubject(plan, runbookName, target);
      return manualRunbook({ plan, runbook, source, target: to }, registry);
    },
    importOffline: createImport({ plan, journal, store, instance, clock }),
    tokens,
    links: createLinks({ journal, records: store, roster, clock }),
    turnedAway: (source, code) => doorLog.refused(source, code),
    async refused(command, { code, summary }, caller) {
      await journal
        .commit(({ version }) => [
          {
            key: `refused/${version}`,
            kind: "command.refused",
            actor: caller.principal,
            data: { command, code, summary },
          },
        ])
        .catch((error) => logger.warn({ err: error, command }, "a refusal could not be journaled"));
    },
  };

  const assistant = connectAssistant(options.assistant, {
    core,
    journal,
    clock,
    roster,
    ...(options.onCall && { onCall: onCallPeople(options.onCall) }),
  });
  const wording = options.assistant && {
    ...options.assistant,
    prompt: options.assistant.wording,
    withinMs: options.assistant.wordingWithinMs,
    clock,
    logger,
  };
  const scheduler = createScheduler({
    plan,
    journal,
    clock,
    loadWriter,
    pages: statusPages.map(({ id }) => id),
    roster,
    ...(wording && { wording }),
  });
  const worker = (name: string, work: (context: Parameters<typeof executor.work>[0]) => Promise<void>) =>
    createWorker({ name, store, instance: holder, clock, logger, leaseMs: options.leaseMs, isHalted, work });
  const workers = [
    worker("executor", executor.work),
    worker("detector", detector.work),
    worker("sampler", sampler.work),
    worker("readiness", readiness.work),
    worker("reporter", reporter.work),
    doorLog.worker,
    assistant.worker,
    worker("placement", placement.work),
    ...(plan.warRoom ? [worker("check-ins", createCheckIns({ journal, clock }).work)] : []),
    ...(statusPages.length > 0 && wording
      ? [worker("wording", createWordingWorker({ plan, journal, store, roster, wording }).work)]
      : []),
    // Nothing is due where there is nobody to tell.
    ...(statusPages.length > 0 ? [worker("comms", scheduler.work)] : []),
    ...statusPages.map((page) => {
      const follower = createFollower({ page, plan, journal, store, clock, logger });
      return worker(`status-page:${page.id}`, follower.work);
    }),
    ...told.map((destination) => {
      const delivery = createDelivery({ destination, application: plan.application, journal, store, clock, logger });
      return worker(`delivery:${destination.id}`, delivery.work);
    }),
  ];
  const directory = createPeopleDirectory({ roster, tokens, journal });
  return { core, journal, workers, presence, directory, store, leases: { holder, isHalted } };
}
