import { redisActionContracts } from "../contracts/redis-actions.ts";
import { flavours } from "../helpers/redis.ts";

// The real server where there is one; the system tests keep the same contract on the stand-in as well.
redisActionContracts(flavours[0] ?? "stand-in");
