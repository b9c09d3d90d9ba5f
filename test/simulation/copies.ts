import type { ReplicaPosition } from "../../src/ports.ts";

interface Copy {
  role: "primary" | "replica";
  history: string;
  /** Milliseconds of writes that this copy holds: one for each millisecond in which its primary took writes. */
  position: number;
  fenced: boolean;
}

/** One data store with a copy in each region. Positions count milliseconds, so that a loss is a time. */
export interface Copies {
  position(region: string): ReplicaPosition;
  /** Brings every copy to this moment: to be called before a region goes down or comes back. */
  advance(): void;
  /** How far replicas are behind from now on. */
  setLag(lagMs: number): void;
  fence(region: string): void;
  isFenced(region: string): boolean;
  /** Makes this copy the primary of a history of its own; gives the milliseconds of writes that it never got. */
  promote(region: string): number;
  follow(region: string): void;
  primary(): string;
  /** What this copy lacks of what was acknowledged, in milliseconds of writes. */
  lossMs(region: string): number;
}

export function createCopies(
  codes: string[],
  home: string,
  nowMs: () => number,
  isUp: (region: string) => boolean,
): Copies {
  const copies = new Map<string, Copy>(
    codes.map((code) => [
      code,
      { role: code === home ? "primary" : "replica", history: "history-1", position: 0, fenced: false },
    ]),
  );
  let primary = home;
  let histories = 1;
  let lagMs = 0;
  let atMs = 0;
  const of = (region: string) => copies.get(region) as Copy;

  /** Brings every copy from the last look to this moment; called before anything changes and before each look. */
  function advance(): void {
    const passedMs = nowMs() - atMs;
    atMs = nowMs();
    const head = of(primary);
    if (!isUp(primary)) return;
    if (!head.fenced) head.position += passedMs;
    for (const [code, copy] of copies) {
      if (copy.role === "primary" || copy.history !== head.history || !isUp(code)) continue;
      // A primary that takes no writes lets its replicas catch up.
      const behind = head.fenced ? copy.position + passedMs : head.position - lagMs;
      copy.position = Math.min(head.position, Math.max(copy.position, behind));
    }
  }

  function makeFollower(region: string, leader: string): void {
    const { history, position } = of(leader);
    copies.set(region, { role: "replica", history, position: Math.max(0, position - lagMs), fenced: false });
  }

  function lossMs(region: string): number {
    advance();
    const head = of(primary);
    return of(region).history === head.history ? head.position - of(region).position : head.position;
  }

  return {
    advance,
    lossMs,
    primary: () => primary,
    setLag(next) {
      advance();
      lagMs = next;
    },
    position(region) {
      advance();
      const { role, history, position, fenced } = of(region);
      const linkUp = isUp(primary) && history === of(primary).history;
      return {
        role,
        history,
        position,
        writable: role === "primary" && !fenced,
        ...(role === "replica" && { linkUp }),
      };
    },
    fence(region) {
      advance();
      of(region).fenced = true;
    },
    isFenced: (region) => of(region).role === "replica" || of(region).fenced,
    promote(region) {
      const lost = lossMs(region);
      const copy = of(region);
      histories++;
      copies.set(region, { role: "primary", history: `history-${histories}`, position: copy.position, fenced: false });
      // Those that could be reached follow the new one; the rest stays what it was until somebody makes it follow.
      for (const code of codes) if (code !== region && code !== primary && isUp(code)) makeFollower(code, region);
      primary = region;
      return lost;
    },
    follow(region) {
      advance();
      if (region !== primary) makeFollower(region, primary);
    },
  };
}
