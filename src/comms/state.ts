import type { Contradiction, Stage, Wording } from "./events.ts";

export interface IncidentComms {
  /** Grows each time that requests fail again after it was said that they are answered. */
  round: number;
  /** By id, oldest first. */
  updates: Record<string, UpdateState>;
  /** Stages of this round that people hold back, due or not. */
  held: Partial<Record<Stage, { by: string; at: string }>>;
  /** What pages were found to say that is not so, by destination. */
  contradictions?: Record<string, ContradictionState>;
}

export interface ContradictionState {
  /** How often it was found; `since` is absent when the page agrees again. */
  times: number;
  since?: string;
  problems: Contradiction[];
}

export interface UpdateState {
  updateId: string;
  incidentId: string;
  stage: Stage;
  round: number;
  publish: "automatic" | "ask";
  because: "time" | "facts" | "person";
  title: string;
  text: string;
  services: string[];
  eta?: { at: string; basis: string };
  dueAt: string;
  /** What came of asking a model for the words of one that is posted by itself. */
  wording?: Wording;
  /** Other words by a model, which nobody has taken. */
  suggested?: { text: string; model: string };
  held?: { by: string; at: string };
  approved?: { by: string; at: string };
  edited?: { by: string; at: string };
  skipped?: { at: string; reason: string };
  /** By destination: since when it may stand there, though nobody knows. */
  posting?: Record<string, string>;
  /** By destination that is not configured any more: what was open there; `mayStand` as in the event. */
  abandoned?: Record<string, { at: string; mayStand: boolean }>;
  /** By destination. */
  sent: Record<string, { at: string; ref?: string }>;
  failed: Record<string, { at: string; code: string; summary: string; hint: string; retrying: boolean }>;
}
