import { ROLE_NAMES } from "../war-room/views.ts";
import { ofKind, type ReportContext, refsOf } from "./input.ts";
import type { ReportFacts } from "./schema.ts";

/** Who had which role from when to when, in the order in which they took it; who had it last has no end. */
export function rolesOf({ own }: ReportContext): ReportFacts["roles"] {
  const taken = ofKind(own, "role.taken");
  const released = ofKind(own, "role.released");
  return taken.map((event) => {
    const { role, principal } = event.data;
    const ends = [...taken, ...released].filter(({ seq, data }) => seq > event.seq && data.role === role);
    const end = ends.toSorted((one, other) => one.seq - other.seq)[0];
    return {
      role: ROLE_NAMES[role],
      principal,
      from: event.at,
      ...(end && { to: end.at }),
      ...(event.actor !== principal && { givenBy: event.actor }),
      refs: refsOf(event, end),
    };
  });
}
