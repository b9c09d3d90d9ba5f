import type { Redis } from "ioredis";
import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { limitsOf, look } from "../looking.ts";
import type { RedisConnections } from "./connections.ts";
import { mapRedisError } from "./errors.ts";
import { confirmUnchanged, type Instance, parseInfo, readConfig, readInstance } from "./instance.ts";
import { addressOf, redisCli, targetFields } from "./target.ts";

const Input = z.strictObject({
  ...targetFields,
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "takes 1 to 100 letters, digits, dots, dashes and underscores")
    .describe("Name of the copy, without .rdb; a run's id in it keeps copies of different runs apart"),
});
type Input = z.infer<typeof Input>;

interface Seen {
  role: Instance["role"];
  history: string;
  runId: string;
  /** Where the copy is or will be, on the machine of that Redis. */
  file: string;
  saving: boolean;
  lastSave: number;
  lastStatus: string;
  /** Saves since the server started; -1 where it does not count them (before Redis 7). */
  saves: number;
  fileNameInForce: string;
  protectedConfig: boolean;
}

/** What the server had saved when our save began: any later success is ours or was made after ours. */
const Handle = z.object({ file: z.string(), runId: z.string(), lastSave: z.number(), saves: z.number() });
type Handle = z.infer<typeof Handle>;

const EXPECTED_MS = 10_000;
const DEFAULT_FILE = "dump.rdb";

/**
 * Redis cannot be asked which files it has written, so only the handle of this run's own save proves a copy.
 * When the handle was lost in a crash, the copy is made again under the same name: the store is fenced by
 * then, so it holds the same data. What cannot be known: whether a save of ours failed and another one, not
 * ours, succeeded between two looks. The log of the server would tell.
 */
export function createSnapshot(connections: RedisConnections): RecoveryAction {
  return defineAction<Input, Seen>({
    id: "redis.snapshot",
    summary: "A copy of the data set is kept under its own name",
    input: Input,
    effect: "snapshot",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "finish",
    dependsOn: ({ region }) => [region],
    expectedMs: () => EXPECTED_MS,
    assess: (input, context) =>
      look(context, async (limits) => {
        const seen = await connections.use(input, limits, (redis) => read(redis, input));
        return judge(seen, parseHandle(context.handle));
      }),
    blockers: (seen, input) => {
      if (!seen.protectedConfig) return [];
      const setting = "`enable-protected-configs local` (or `yes`) in its configuration file and a restart";
      return [`Redis at ${addressOf(input)} does not let the name of its dump file be changed: it needs ${setting}`];
    },
    manual: (input) => ({
      run: [
        `${redisCli(input)} CONFIG SET dbfilename ${input.name}.rdb`,
        `${redisCli(input)} BGSAVE`,
        `${redisCli(input)} CONFIG SET dbfilename ${DEFAULT_FILE}`,
      ],
      check: [`${redisCli(input)} INFO persistence`],
      expect: `rdb_bgsave_in_progress:0 and rdb_last_bgsave_status:ok; the copy is ${input.name}.rdb in the directory of CONFIG GET dir`,
    }),
    apply: (input, seen, context) =>
      connections.use(input, limitsOf(context), async (redis) => {
        // By now it may be a follower: a copy under this name would replace the only copy of the old data.
        await confirmUnchanged(redis, addressOf(input), seen);
        const before = await read(redis, input);
        await save(redis, input, before);
        const handle: Handle = { file: seen.file, runId: before.runId, lastSave: before.lastSave, saves: before.saves };
        return { handle: JSON.stringify(handle), note: `saving to ${seen.file}` };
      }),
  });
}

async function read(redis: Redis, input: Input): Promise<Seen> {
  const [info, instance, dir, fileName, protection] = await Promise.all([
    redis.info().then(parseInfo),
    readInstance(redis),
    readConfig(redis, "dir"),
    readConfig(redis, "dbfilename"),
    readConfig(redis, "enable-protected-configs"),
  ]);
  return {
    role: instance.role,
    history: instance.history,
    runId: instance.runId,
    file: `${dir.dir ?? "."}/${input.name}.rdb`,
    saving: info.rdb_bgsave_in_progress === "1",
    lastSave: Number(info.rdb_last_save_time ?? 0),
    lastStatus: info.rdb_last_bgsave_status ?? "",
    saves: Number(info.rdb_saves ?? -1),
    fileNameInForce: fileName.dbfilename ?? DEFAULT_FILE,
    protectedConfig: protection["enable-protected-configs"] === "no",
  };
}

function judge(seen: Seen, handle: Handle | undefined): Assessment<Seen> {
  if (seen.saving) return { state: "moving", seen, progress: "the server is writing a dump file" };
  // A restarted server counts anew and dates its last save at the start, so nothing can be concluded.
  if (handle === undefined || handle.file !== seen.file || handle.runId !== seen.runId) return { state: "away", seen };
  // Times have whole seconds; where there is no counter, a save within one second of another is made again.
  const savedSince = seen.saves >= 0 ? seen.saves > handle.saves : seen.lastSave > handle.lastSave;
  return { state: savedSince && seen.lastStatus === "ok" ? "reached" : "away", seen };
}

/**
 * The process that writes the file is forked with the name in force at that moment, so the old name is put
 * back at once. The three go out together: the server gets all of them or, if the connection breaks, none.
 */
async function save(redis: Redis, input: Input, before: Seen): Promise<void> {
  const ours = `${input.name}.rdb`;
  // Should our name still be in force, the name before it is not known any more; Redis's default then is.
  const previous = before.fileNameInForce === ours ? DEFAULT_FILE : before.fileNameInForce;
  const batch = redis.pipeline().config("SET", "dbfilename", ours).bgsave().config("SET", "dbfilename", previous);
  const [named, started] = (await batch.exec()) ?? [];
  const error = named?.[0] ?? started?.[0];
  if (error) throw notSaved(error, input);
}

/** Another fork is running, such as a rewrite of the append-only file: that ends by itself. */
function notSaved(error: Error, input: Input): unknown {
  if (!/in progress/i.test(error.message)) return mapRedisError(error, addressOf(input));
  return new AppError({
    code: "vendor-conflict",
    summary: `Redis at ${addressOf(input)} is already saving or rewriting; nothing was started.`,
    hint: "The next attempt follows by itself when that is over.",
    retryable: true,
    cause: error,
  });
}

function parseHandle(text: string | undefined): Handle | undefined {
  if (text === undefined) return undefined;
  try {
    return Handle.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
