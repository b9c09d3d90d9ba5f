import type { WrittenReport } from "../reports/events.ts";
import type { WarRoom } from "../war-room/fold.ts";
import type { Severity } from "./events.ts";

export interface Note {
  noteId: string;
  seq: number;
  at: string;
  author: string;
  text: string;
}

/** A message of a chat that a person put on the timeline. */
export interface Pin {
  chat: string;
  messageId: string;
  author: string;
  writtenAt: string;
  text: string;
  permalink?: string;
  /** The event by which it was pinned. */
  seq: number;
  at: string;
}

export interface IncidentState {
  incidentId: string;
  title: string;
  region: string;
  severity: Severity;
  openedBy: "signal" | "person";
  openedAt: string;
  startedAt: string;
  resolvedAt?: string;
  resolution?: string;
  runIds: string[];
  notes: Note[];
  /** In the order in which they were pinned. */
  pins: Pin[];
  reports: WrittenReport[];
  /** What drafts and wordings of a model have taken; absent before the first. */
  tokens?: number;
  /** Absent while nobody has taken a role and nothing was said. */
  room?: WarRoom;
}
