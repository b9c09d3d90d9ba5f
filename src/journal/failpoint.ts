import { writeSync } from "node:fs";
import { AppError } from "../errors.ts";
import type { JournalStore, NewEvent } from "./store.ts";

/**
 * Ends or freezes this process at one write of the journal, for the tests that kill it everywhere. `main` puts it
 * in front of the store only where MUSTER_TEST_FAILPOINT is set, which the configuration refuses outside of them.
 */
export interface Failpoint {
  /** `kill` is SIGKILL to oneself, `stop` is SIGSTOP: what comes after it happens when somebody sends SIGCONT. */
  action: "kill" | "stop";
  /** Right before the write is asked for, or right after it is durable and before anybody is told. */
  when: "before" | "after";
  /** The event's key; `*` stands for one part of it that no test can know, such as a time. */
  key: string;
}

const FORM = /^(kill|stop) (before|after) (\S+)$/;

/** `kill before step/run-1/promote-target/1/intended/1`, several with commas between. Throws AppError. */
export function parseFailpoints(text: string): Failpoint[] {
  return text.split(",").map((one) => {
    const [, action, when, key] = FORM.exec(one.trim()) ?? [];
    if (key !== undefined) return { action, when, key } as Failpoint;
    throw new AppError({
      code: "config-invalid",
      summary: "MUSTER_TEST_FAILPOINT is not usable.",
      hint: "It looks like: kill before run/started/run-1, stop after step/run-1/scale-target/1/assessed/*",
    });
  });
}

export function formatFailpoint({ action, when, key }: Failpoint): string {
  return `${action} ${when} ${key}`;
}

/** The line on standard error that says which of several it was. */
export const FAILPOINT_MARK = "failpoint: ";

export function withFailpoints(
  store: JournalStore,
  failpoints: Failpoint[],
  end: (failpoint: Failpoint) => void = endProcess,
): JournalStore {
  const left = new Set(failpoints);

  function reach(when: Failpoint["when"], events: NewEvent[]): void {
    const hit = [...left].find((one) => one.when === when && events.some(({ key }) => matches(one.key, key)));
    if (!hit) return;
    left.delete(hit);
    end(hit);
  }

  return {
    ...store,
    async append(request) {
      reach("before", request.events);
      const result = await store.append(request);
      if (result.outcome === "appended") reach("after", request.events);
      return result;
    },
  };
}

function endProcess(failpoint: Failpoint): void {
  writeSync(2, `${FAILPOINT_MARK}${formatFailpoint(failpoint)}\n`);
  process.kill(process.pid, failpoint.action === "kill" ? "SIGKILL" : "SIGSTOP");
}

function matches(pattern: string, key: string): boolean {
  const wanted = pattern.split("/");
  const parts = key.split("/");
  return wanted.length === parts.length && wanted.every((part, index) => part === "*" || part === parts[index]);
}
