import { createServer, type Server, type Socket } from "node:net";
import { encodeReply, failure, OK, type Reply } from "../resp/encode.ts";
import { createRespParser } from "../resp/parse.ts";
import { runCommand } from "./commands.ts";
import type { Instance } from "./instance.ts";

/** Clients and replicas of a stand-in. One command after the other on each connection, as Redis does. */
export function createRedisServer(instance: Instance): Server {
  return createServer({ noDelay: true }, (socket) => serve(socket, instance));
}

function serve(socket: Socket, instance: Instance): void {
  const password = () => instance.config.get("requirepass") || undefined;
  let authenticated = password() === undefined;
  let turn: Promise<void> = Promise.resolve();

  function answer([name = "", ...args]: string[]): Reply | Promise<Reply> | undefined {
    const verb = name.toUpperCase();
    if (verb === "AUTH") {
      if (password() === undefined) {
        return failure("ERR AUTH <password> called without any password configured for the default user.");
      }
      authenticated = args.at(-1) === password();
      return authenticated ? OK : failure("WRONGPASS invalid username-password pair or user is disabled.");
    }
    if (!authenticated) return failure("NOAUTH Authentication required.");
    switch (verb) {
      case "HELLO":
        return hello(args);
      case "QUIT":
        socket.end(encodeReply(OK));
        return undefined;
      case "REPLCONF":
        return replconf(args);
      case "PSYNC":
        if (instance.follower()?.linkUp() === false)
          return failure("NOMASTERLINK Can't SYNC while not connected with my master");
        instance.replicas.attach(socket, args[0] ?? "?", Number(args[1]) - 1, instance.data.dump);
        return undefined;
      default:
        return runCommand(instance, [name, ...args]);
    }
  }

  function replconf([option, value]: string[]): Reply | undefined {
    if (option?.toLowerCase() === "ack") {
      instance.replicas.acknowledged(socket, Number(value));
      return undefined;
    }
    if (option?.toLowerCase() === "listening-port") instance.replicas.announced(socket, Number(value));
    return OK;
  }

  const parser = createRespParser(
    (value) => {
      if (!Array.isArray(value) || value.length === 0) return;
      turn = turn.then(async () => {
        const reply = await answer(value.map(String));
        if (reply !== undefined && socket.writable) socket.write(encodeReply(reply));
      });
    },
    { inline: true },
  );
  socket.on("data", (chunk) => {
    try {
      parser.push(chunk);
    } catch (error) {
      socket.end(encodeReply(failure(`ERR Protocol error: ${(error as Error).message}`)));
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => instance.replicas.detach(socket));
}

/** Version 2 only: a client that asks for 3 is told so and goes on with 2. */
function hello([version]: string[]): Reply {
  if (version !== undefined && version !== "2") return failure("NOPROTO unsupported protocol version");
  return ["server", "redis", "version", "7.0.0", "proto", 2, "mode", "stand-in", "role", "master", "modules", []];
}
