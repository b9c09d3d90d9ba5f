import { AppError } from "../errors.ts";
import type { Fence } from "../journal/store.ts";

/** Whoever may not write a record any more must not go on either. */
export function ensureHeld(outcome: "written" | "fenced", { lease }: Fence): void {
  if (outcome === "written") return;
  throw new AppError({ code: "fenced", summary: `The lease "${lease}" is held by another instance now.` });
}
