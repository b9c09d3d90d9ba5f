import type { ChatConnection, ChatPort } from "../../../src/chat/port.ts";
import { createBearerCheck } from "./bearer.ts";
import { createTeamsChat, type TeamsChannel } from "./chat.ts";
import { DOOR_PATH } from "./checks.ts";
import { teamsCloud } from "./cloud.ts";
import { createAuthentication, createConnector } from "./connector.ts";
import { createGraph } from "./graph.ts";
import { accountOf, createListener } from "./listener.ts";
import { createPersonal } from "./personal.ts";
import { createReferences, type RecordStore } from "./references.ts";
import { createTeller } from "./reply.ts";
import { createTokens } from "./tokens.ts";
import { verifiedActivity } from "./verify.ts";

export interface TeamsOptions {
  appId: string;
  appPassword: string;
  channel: TeamsChannel;
  /** An emulator that stands in for Microsoft's services. */
  apiUrl?: string;
  /** Keeps where the bot is reached. */
  store: RecordStore;
  logger: { warn(fields: object, message: string): void };
}

export function createTeamsPort({ appId, appPassword, channel, apiUrl, store, logger }: TeamsOptions) {
  const cloud = teamsCloud(apiUrl);
  const { tenantId, teamId } = channel;
  const tokens = createTokens({ loginUrl: cloud.loginUrl, tenantId, appId, appPassword });
  const authentication = createAuthentication({ cloud, appId, tokens });
  const connector = createConnector(authentication, appId);
  const references = createReferences(store, { serviceUrl: cloud.serviceUrl, botId: `28:${appId}` }, tenantId);
  const graph = createGraph({ graphUrl: cloud.graphUrl, tokens, teamId, channelId: channel.id, logger });
  const personal = createPersonal(connector, references, tenantId);
  const port: ChatPort = createTeamsChat({ connector, graph, references, personal, channel });
  const bearer = createBearerCheck({ openIdMetadataUrl: cloud.openIdMetadataUrl, appId });
  return { port, bearer, authentication, connector, references, personal };
}

/** Teams through the Bot Connector, which calls our door. */
export function createTeamsConnection(options: TeamsOptions): ChatConnection {
  const { channel, logger } = options;
  const { port, bearer, authentication, connector, references, personal } = createTeamsPort(options);
  let listener: ReturnType<typeof createListener> | undefined;

  return {
    port,
    start(handlers) {
      const log = (error: unknown, what: string) =>
        logger.warn({ err: error }, `Teams: a ${what} could not be dealt with`);
      listener = createListener({ handlers, teller: createTeller(connector, personal, log), log });
    },
    async stop() {
      listener = undefined;
    },
    door: {
      path: DOOR_PATH,
      async handle(request) {
        const activity = await verifiedActivity(request, { bearer, authentication, tenantId: channel.tenantId });
        const { serviceUrl, recipient, from } = activity;
        const account = accountOf(activity)?.account;
        const who = account !== undefined && { account, userId: from.id };
        await references.learn({ serviceUrl, botId: recipient?.id ?? `28:${options.appId}`, ...who });
        // Not listening yet, or not any more: Teams delivers again, to whoever does.
        const { status, body } = listener ? await listener(activity) : { status: 503, body: undefined };
        return body === undefined ? new Response(null, { status }) : Response.json(body, { status });
      },
    },
  };
}
