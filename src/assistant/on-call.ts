/** Who would be paged now, as the pager knows it. */
export interface OnCallPort {
  /** In the order in which they are paged. Reads only. Throws AppError as every port to a vendor. */
  onCall(signal: AbortSignal): Promise<{ schedule: string; level: number; person: string; until?: string }[]>;
}
