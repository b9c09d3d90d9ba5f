/**
 * Words that say how things are. A word of a family may stand in a claim only when an event that the claim cites
 * says just that; words that are in no family say nothing that could be false.
 */
const FAMILIES = {
  down: "down|unavailable|unreachable|offline|out of service|outage|outage[^.]{0,24} began|unresponsive|stopped answering|stopped responding|did not answer|does not answer|do not answer|could not use|could not be reached",
  up: "healthy|available|reachable|online|up again|serving|served|well again|answered|answering|did answer|answers",
  degraded: "degraded|impaired|slow",
  recovered:
    "recovered|started succeeding|started answering|began answering|began to answer|restored|back to normal|came back|returned to health|recovery was reached",
  failed: "failed|failing|failure|broke|broken|crashed|did not succeed|did not work",
  detected: "detected|noticed|spotted|observed failing|concluded(?: at ▢)? that|declared ▢",
  opened: "opened|declared|incident began",
  resolved: "resolved|closed|over",
  proposed: "proposed|suggested|recommended|put forward",
  asked:
    "asked to decide|put to people|were notified|asked for approval|requested approval|approval was requested|was asked",
  approved: "signed off|received an approval|approved|granted|authorised|authorized|agreed",
  denied: "denied|rejected|refused|declined",
  voided: "voided|no longer held|no longer valid|invalidated",
  expired: "expired|ran out|lapsed|undecided|without a decision",
  started: "kicked off|commenced|started|began|begun|under way|initiated",
  completed: "were done|completed|finished|succeed|succeeded|concluded|successful|successfully",
  paused: "paused|put on hold",
  resumed: "resumed",
  aborted: "aborted|abandoned",
  cancelled: "cancelled|canceled|withdrawn|before it began|before it started",
  applied: "applied|accepted the change|took the change",
  verified: "was possible|verified|confirmed|proved|proven",
  accepted: "people had agreed|accepted unverified|accepted without verification|accepted by name",
  unverified: "unverified|could not be verified|not possible|without verifying|without verification",
  retried: "retried|tried again",
  skipped: "skipped|left out|omitted",
  stopped: "stopped",
  held: "held|held back|waited",
  promoted: "promoted|took over|became the primary|became primary|made the primary",
  quarantined: "isolated|quarantined|put under quarantine|placed in quarantine|quarantine(?: of ▢)? began",
  released: "left quarantine|released from quarantine|quarantine(?: of ▢)? was lifted|quarantine(?: of ▢)? ended",
  overridden: "overridden|overrode|break-glass|broke the glass|glass was broken",
  moved: "traffic moved|traffic shifted|shifted|redirected|rerouted",
  ready: "ready",
  blocked: "blocked",
  "no-loss":
    "no data loss|zero data loss|no loss|zero loss|without loss|without data loss|no data was lost|nothing was lost|lossless|no writes were lost|nothing (?:of ▢ )?would be lost",
  "at-risk":
    "would be lost|would lose|not replicated|not yet replicated|unreplicated|outstanding|lagged|lagging|lagged behind",
  replicated: "replicated|caught up",
  loss: "data was lost|writes were lost|lost data|data loss",
  "unknown-loss": "loss is unknown|loss was unknown|unknown loss|unknown amount",
  unknown: "unknown|unclear",
} as const;

export type Status = keyof typeof FAMILIES;

/** What a negated word of one family says, where an event can say that. */
export const NEGATED: Partial<Record<Status, Status[]>> = {
  up: ["down"],
  down: ["up", "recovered"],
  approved: ["denied", "expired", "voided"],
  verified: ["unverified", "accepted"],
  completed: ["failed", "aborted", "cancelled", "stopped"],
  ready: ["blocked", "unknown"],
  loss: ["no-loss"],
};

const matchers = Object.entries(FAMILIES).map(([status, words]) => ({
  status: status as Status,
  // Longer phrases first, so that "no data loss" is not read as "data loss".
  find: new RegExp(
    `(?<![\\p{L}-])(?:${words
      .split("|")
      .toSorted((a, b) => b.length - a.length)
      .join("|")})(?![\\p{L}-])`,
    "giu",
  ),
}));

export interface Said {
  status: Status;
  word: string;
  index: number;
}

/** The status words of a text, longest reading first: what lies inside another is not said twice. */
export function statusesSaid(prose: string): Said[] {
  const found = matchers.flatMap(({ status, find }) =>
    [...prose.matchAll(find)].map(({ 0: word, index }) => ({ status, word, index })),
  );
  const isInside = (one: Said, other: Said) =>
    other !== one &&
    other.word.length > one.word.length &&
    one.index >= other.index &&
    one.index + one.word.length <= other.index + other.word.length;
  return found.filter((one) => !found.some((other) => isInside(one, other)));
}

export const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|failed to|unable to|cannot|can't|didn't|wasn't|weren't|isn't|hasn't|hadn't)\b/giu;
export const CAUSE =
  /\b(?:because|given that|caused?|causing|due to|owing to|led to|leads to|resulted? (?:in|from)|as a result|triggered|triggering|thanks to|therefore|hence|consequently|so that|brought about|root cause|stemmed from|attributed to|on account of)\b/giu;
export const FUTURE = /\b(?:will|shall|soon|shortly|eta|going to|is due)\b/iu;
/** Grounded where a proposal's own estimate is referred to. */
export const ESTIMATE = /\b(?:expected|estimated|forecast|anticipated)\b/iu;
export const HEDGE =
  /\b(?:may|might|could(?! not\b)|possibly|perhaps|probably|likely|appears?|seems?|suspected|presumably|suggests?)\b/iu;
export const NUMBERS =
  /\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|dozen|half|twice|thrice|double|triple|percent|noon|midnight|today|yesterday|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/iu;
export const BLAME =
  /\b(?:fault|mistakes?|mistaken|careless(?:ly|ness)?|negligen(?:t|ce)|forgot(?:ten)?|blame[ds]?|incompeten(?:t|ce)|human error|should have known|failed to notice|ignored|overlooked|sloppy|irresponsib(?:le|ly)|too slow to|neglected)\b/iu;
export const OWNER = /\b(?:assigned to|owned by|owner|responsible|on-call engineer will|team will|he|she|his|her)\b/iu;
