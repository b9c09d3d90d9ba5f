import { redisActionContracts } from "../contracts/redis-actions.ts";

redisActionContracts("stand-in");
