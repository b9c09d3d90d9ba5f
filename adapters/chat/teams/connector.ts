import { type Activity, ConfigurationBotFrameworkAuthentication, type ConversationParameters } from "botbuilder";
import { CONNECTOR_ISSUER, CONNECTOR_SCOPE, type TeamsCloud } from "./cloud.ts";
import { teamsError } from "./errors.ts";
import type { Tokens } from "./tokens.ts";

/** The calls of the Bot Connector that we make. The one file, with verify.ts, that knows the SDK. */
export interface Connector {
  create(
    serviceUrl: string,
    parameters: NewConversation,
    signal: AbortSignal,
  ): Promise<{ id: string; activityId?: string }>;
  send(serviceUrl: string, conversation: string, activity: OutActivity, signal: AbortSignal): Promise<string>;
  update(
    serviceUrl: string,
    conversation: string,
    id: string,
    activity: OutActivity,
    signal: AbortSignal,
  ): Promise<void>;
}

export type OutActivity = Partial<Activity>;
export type NewConversation = Partial<ConversationParameters>;

const REQUEST_TIMEOUT_MS = 10_000;

export interface AuthOptions {
  cloud: TeamsCloud;
  appId: string;
  tokens: Tokens;
}

/** Never without verification: the SDK would take anybody's word if there were no app id. */
export function createAuthentication({ cloud, appId, tokens }: AuthOptions): ConfigurationBotFrameworkAuthentication {
  const credentials = {
    isValidAppId: async (id: string) => id === appId,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => ({
      async signRequest(request: { headers: { set(name: string, value: string): void } }) {
        request.headers.set("authorization", `Bearer ${await tokens(CONNECTOR_SCOPE)}`);
        return request;
      },
    }),
  };
  const settings = {
    MicrosoftAppId: appId,
    ToChannelFromBotLoginUrl: cloud.loginUrl,
    ToChannelFromBotOAuthScope: CONNECTOR_SCOPE,
    ToBotFromChannelTokenIssuer: CONNECTOR_ISSUER,
    ToBotFromChannelOpenIdMetadataUrl: cloud.openIdMetadataUrl,
    ValidateAuthority: true,
  };
  return new ConfigurationBotFrameworkAuthentication(settings, credentials as never);
}

export function createConnector(authentication: ConfigurationBotFrameworkAuthentication, appId: string): Connector {
  const identity = { getClaimValue: (name: string) => (name === "aud" || name === "appid" ? appId : null), claims: [] };
  const factory = authentication.createConnectorFactory(identity as never);

  async function clientFor(serviceUrl: string) {
    const client = await factory.create(serviceUrl, CONNECTOR_SCOPE);
    // Whoever calls decides when to try again; the SDK's own three attempts would hide Retry-After for seconds.
    const { pipeline } = (client as unknown as { client: { pipeline: { removePolicy(one: { name: string }): void } } })
      .client;
    pipeline.removePolicy({ name: "defaultRetryPolicy" });
    return client.conversations;
  }

  async function call<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw teamsError(error);
    }
  }

  const options = (signal: AbortSignal) => ({ abortSignal: signal, timeout: REQUEST_TIMEOUT_MS });

  return {
    create: (serviceUrl, parameters, signal) =>
      call(signal, async () => {
        const conversations = await clientFor(serviceUrl);
        return await conversations.createConversation(parameters as ConversationParameters, options(signal) as never);
      }),
    send: (serviceUrl, conversation, activity, signal) =>
      call(signal, async () => {
        const conversations = await clientFor(serviceUrl);
        return (await conversations.sendToConversation(conversation, activity, options(signal) as never)).id;
      }),
    update: (serviceUrl, conversation, id, activity, signal) =>
      call(signal, async () => {
        const conversations = await clientFor(serviceUrl);
        await conversations.updateActivity(conversation, id, activity, options(signal) as never);
      }),
  };
}
