import { failure, OK, type Reply } from "../resp/encode.ts";
import { configure } from "./configure.ts";
import { renderInfo } from "./info.ts";
import type { Instance } from "./instance.ts";

interface Command {
  /** Arguments after the name, at least. */
  least: number;
  writes?: boolean;
  run(args: string[], instance: Instance): Reply | Promise<Reply>;
}

const COMMANDS: Record<string, Command> = {
  PING: { least: 0, run: ([text]) => text ?? { simple: "PONG" } },
  ECHO: { least: 1, run: ([text]) => text! },
  SELECT: { least: 1, run: ([index]) => (index === "0" ? OK : failure("ERR DB index is out of range")) },
  CLIENT: { least: 1, run: client },
  COMMAND: { least: 0, run: () => [] },
  TIME: { least: 0, run: () => [String(Math.floor(Date.now() / 1000)), String((Date.now() % 1000) * 1000)] },
  INFO: {
    least: 0,
    run: (args, instance) =>
      renderInfo(
        instance,
        args.map((name) => name.toLowerCase()),
      ),
  },
  ROLE: { least: 0, run: (_args, instance) => role(instance) },
  CONFIG: { least: 1, run: (args, instance) => configure(instance, args) },
  GET: { least: 1, run: ([key], { data }) => data.get(key!) },
  MGET: { least: 1, run: (keys, { data }) => keys.map((key) => data.get(key)) },
  EXISTS: { least: 1, run: (keys, { data }) => keys.filter((key) => data.get(key) !== null).length },
  DBSIZE: { least: 0, run: (_args, { data }) => data.size() },
  SCAN: { least: 1, run: scan },
  DUMP: { least: 1, run: ([key], { data }) => data.get(key!) },
  PTTL: { least: 1, run: ([key], { data }) => timeLeft(data, key!) },
  TTL: {
    least: 1,
    run: ([key], { data }) => Math.max(-2, Math.ceil(timeLeft(data, key!) / 1000) || timeLeft(data, key!)),
  },
  SET: { least: 2, writes: true, run: set },
  DEL: { least: 1, writes: true, run: remove },
  REPLICAOF: { least: 2, run: replicaOf },
  SLAVEOF: { least: 2, run: replicaOf },
  WAIT: { least: 2, run: wait },
  BGSAVE: {
    least: 0,
    run: (_args, instance) =>
      instance.saveInBackground()
        ? { simple: "Background saving started" }
        : failure("ERR Background save already in progress"),
  },
  SAVE: {
    least: 0,
    run: (_args, instance) => {
      instance.save();
      return instance.saves.lastStatus === "ok" ? OK : failure("ERR");
    },
  },
  LASTSAVE: { least: 0, run: (_args, { saves }) => saves.lastAt },
  SHUTDOWN: { least: 0, run: () => process.exit(0) },
};

/** Carries out one command. Those about the connection itself (AUTH, HELLO, PSYNC …) are the server's. */
export function runCommand(instance: Instance, [name = "", ...args]: string[]): Reply | Promise<Reply> {
  const command = COMMANDS[name.toUpperCase()];
  if (!command) {
    const shown = args.map((arg) => `'${arg.slice(0, 128)}' `).join("");
    return failure(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`);
  }
  if (args.length < command.least) return failure(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  const refusal = command.writes ? instance.refusal() : undefined;
  return refusal ? failure(refusal) : command.run(args, instance);
}

function client([verb = ""]: string[]): Reply {
  switch (verb.toUpperCase()) {
    case "SETNAME":
    case "SETINFO":
    case "NO-EVICT":
    case "NO-TOUCH":
      return OK;
    case "GETNAME":
      return null;
    case "ID":
      return 1;
    default:
      return failure(`ERR unknown subcommand '${verb}'. Try CLIENT HELP.`);
  }
}

function role({ history, replicas, follower }: Instance): Reply {
  const primary = follower();
  if (primary)
    return ["slave", primary.host, primary.port, primary.linkState(), primary.linkUp() ? history.offset() : -1];
  return [
    "master",
    history.offset(),
    replicas.list().map(({ port, offset }) => ["127.0.0.1", String(port), String(offset)]),
  ];
}

/** Pages by place in the list of keys: enough where nobody deletes meanwhile, and a key that moves is given twice. */
function scan([cursor, ...options]: string[], { data }: Instance): Reply {
  const from = Number(cursor);
  if (!Number.isInteger(from) || from < 0) return failure("ERR invalid cursor");
  const at = options.findIndex((option) => option.toUpperCase() === "COUNT");
  const count = at < 0 ? 10 : Number(options[at + 1]);
  if (!Number.isInteger(count) || count < 1) return failure("ERR syntax error");
  const keys = data.keys();
  const next = from + count < keys.length ? from + count : 0;
  return [String(next), keys.slice(from, from + count)];
}

function timeLeft(data: Instance["data"], key: string): number {
  if (data.get(key) === null) return -2;
  const expiresAt = data.expiryOf(key);
  return expiresAt === undefined ? -1 : Math.max(1, expiresAt - Date.now());
}

/** SET key value [NX|XX] [EX seconds|PX milliseconds|EXAT …|PXAT …]. */
function set([key, value, ...options]: string[], { data, propagate }: Instance): Reply {
  let expiresAt: number | undefined;
  for (let index = 0; index < options.length; index++) {
    const option = options[index]!.toUpperCase();
    if (option === "NX" || option === "XX") {
      if ((data.get(key!) === null) === (option === "XX")) return null;
      continue;
    }
    const amount = Number(options[++index]);
    const unit = option.startsWith("EX") ? 1000 : option.startsWith("PX") ? 1 : undefined;
    if (unit === undefined) return failure("ERR syntax error");
    if (!Number.isInteger(amount)) return failure("ERR value is not an integer or out of range");
    if (amount <= 0) return failure("ERR invalid expire time in 'set' command");
    expiresAt = amount * unit + (option.endsWith("AT") ? 0 : Date.now());
  }
  data.set(key!, value!, expiresAt);
  propagate(expiresAt === undefined ? ["SET", key!, value!] : ["SET", key!, value!, "PXAT", expiresAt]);
  return OK;
}

function remove(keys: string[], { data, propagate }: Instance): Reply {
  const removed = keys.filter((key) => data.delete(key));
  if (removed.length > 0) propagate(["DEL", ...removed]);
  return removed.length;
}

function replicaOf([host, port]: string[], instance: Instance): Reply {
  if (host!.toUpperCase() === "NO" && port!.toUpperCase() === "ONE") {
    instance.promote();
    return OK;
  }
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return failure("ERR Invalid master port");
  instance.follow(host!, number);
  return OK;
}

const WAIT_LOOK_MS = 5;
const WAIT_AT_MOST_MS = 60_000;

/** Resolves with how many replicas have what was written before, when enough have or the time is over. */
async function wait(
  [wanted, timeoutMs]: string[],
  { follower, history, replicas, propagate }: Instance,
): Promise<Reply> {
  if (follower()) return failure("ERR WAIT cannot be used with replica instances.");
  const offset = history.offset();
  const reached = () => replicas.list().filter((replica) => replica.offset >= offset).length;
  if (reached() >= Number(wanted)) return reached();
  propagate(["REPLCONF", "GETACK", "*"]);
  const deadline = performance.now() + Math.min(Number(timeoutMs) || WAIT_AT_MOST_MS, WAIT_AT_MOST_MS);
  while (reached() < Number(wanted) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_LOOK_MS));
  }
  return reached();
}
