import type { Reading } from "../comms/decide-contradiction.ts";
import type { Stage } from "../comms/events.ts";
import type { PublicPage } from "./views.ts";

/** One update as the public reads it. */
export interface PublicUpdate {
  stage: Stage;
  /** Of the incident. */
  title: string;
  text: string;
  /** When it was decided on (ISO 8601); it may be posted later. */
  at: string;
  /** When requests began to fail. */
  startedAt: string;
}

export interface PostContext {
  /** Under which the update is found again. */
  marker: string;
  /** The remote id of its incident; begun when there is none. */
  incident?: string;
  /** The page as it should be with this update. */
  page: PublicPage;
  signal: AbortSignal;
}

/** An update that stands on the page, as far as anybody knows. */
export interface PostedUpdate {
  marker: string;
  /** The remote id of its incident. */
  incident?: string;
  update: PublicUpdate;
}

/**
 * A page that tells the public. One contract suite (test/contracts/status-page.ts) says what every adapter does.
 * It makes no attempts of its own, keeps no queue and no clock: it renders within the page's limits and maps errors to
 * AppError, `vendor-throttled` with `retryAfterMs` where the other side says so.
 */
export interface StatusPagePort {
  /** Names the destination in the journal; never renamed. */
  id: string;
  /** For people. */
  name: string;
  /** The pause that the other side asks for between calls. */
  paceMs: number;
  /** How often what stands there is made anew though nothing changed, where it tells its own age. */
  refreshMs?: number;
  /** Adds an update to its incident; answers with the incident's remote id. May be sent once only: see `find`. */
  post(update: PublicUpdate, context: PostContext): Promise<string>;
  /** The remote id of the incident that has the update; after a crash, so that it is not posted twice. */
  find(marker: string, context: { incident?: string; signal: AbortSignal }): Promise<string | undefined>;
  /** Brings everything but updates to what the page should show. May be repeated. */
  show(page: PublicPage, signal: AbortSignal): Promise<void>;
  /**
   * What the public reads there now, and which of these updates (by their markers) it does not; absent where that cannot
   * be asked. Changes nothing.
   */
  read?(updates: PostedUpdate[], signal: AbortSignal): Promise<Reading>;
}
