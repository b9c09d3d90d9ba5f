import { z } from "zod";
import { Plan } from "./plan.ts";

export const planEvents = {
  /** The server began to work with this plan: at the first start, and whenever the plan has changed. */
  "plan.adopted": z.object({ plan: Plan }),
};
