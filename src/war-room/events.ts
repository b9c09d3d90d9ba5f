import { z } from "zod";

/** What people do in an incident. It adds nothing to what the principal may do (docs/people.md). */
export const incidentRoles = ["incident-commander", "communications", "scribe"] as const;
export const IncidentRole = z.enum(incidentRoles);
export type IncidentRole = z.infer<typeof IncidentRole>;

/** How things stand at one moment, for people who must say it to others; nothing in it counts on by itself. */
export const Briefing = z.object({
  status: z.array(z.string()),
  /** Absent where nothing is under way that would end it. */
  eta: z
    .object({
      at: z.iso.datetime().exactOptional(),
      /** Where the figure comes from, or why there is none. */
      basis: z.string(),
    })
    .exactOptional(),
  /** What waits, since when, and on whom. */
  roadblocks: z.array(z.object({ what: z.string(), since: z.iso.datetime(), on: z.string() })),
  next: z.array(z.string()),
});
export type Briefing = z.infer<typeof Briefing>;

const held = { incidentId: z.string(), role: IncidentRole, principal: z.string() };

export const warRoomEvents = {
  /** Taken by the principal or, when the actor is another person, given to them. */
  "role.taken": z.object({
    ...held,
    /** Who had it until then. */
    from: z.string().exactOptional(),
    /** The offer that was accepted. */
    handoverId: z.string().exactOptional(),
  }),
  "role.released": z.object(held),
  /** The incident commander names who shall take over; nothing changes until that person accepts. */
  "handover.offered": z.object({
    incidentId: z.string(),
    handoverId: z.string(),
    to: z.string(),
    note: z.string().exactOptional(),
    briefing: Briefing,
  }),
  /** By the one who was asked, or taken back by the one who asked. */
  "handover.declined": z.object({ incidentId: z.string(), handoverId: z.string() }),
  "checkin.due": z.object({
    incidentId: z.string(),
    checkInId: z.string(),
    /** Its time had come, or a person had something to say. */
    because: z.enum(["time", "person"]),
    briefing: Briefing,
    /** The same while nothing of it has changed. */
    digest: z.string(),
  }),
  /** Somebody says that it is so, and perhaps more. */
  "checkin.answered": z.object({ incidentId: z.string(), checkInId: z.string(), text: z.string().exactOptional() }),
};
