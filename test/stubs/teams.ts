import { stubs } from "./stub.ts";

const at = (file: string) => `adapters/chat/teams/${file}.ts`;
const test = (name: string) => `test/adapters/teams/${name}.test.ts`;
const wire = (name: string) => test(`${name}.wire`);

/** Teams: who may call, what people alone see, and what must not happen twice. */
export const teamsStubs = [
  ...stubs(
    at("verify"),
    [test("door")],
    [
      {
        name: "Teams: other channels are let in",
        find: 'if (activity.channelId !== CHANNEL || !mayFor(CHANNEL)) throw notFromTeams(new Error("another channel"));',
        replace: "",
      },
      {
        name: "Teams: another tenant is let in",
        find: "if (tenants.length === 0 || tenants.some((id) => id !== options.tenantId)) throw anotherTenant();",
        replace: "",
      },
    ],
  ),
  ...stubs(
    at("bearer"),
    [test("bearer")],
    [
      {
        name: "Teams: a token of another issuer reaches the SDK",
        find: "const expected = { issuer: CONNECTOR_ISSUER, audience: appId,",
        replace: "const expected = { audience: appId,",
      },
      {
        name: "Teams: a token for another app reaches the SDK",
        find: "audience: appId, algorithms: ALGORITHMS,",
        replace: "algorithms: ALGORITHMS,",
      },
      {
        name: "Teams: what is wrong with a token is taken for keys that cannot be read",
        find: "if (code !== undefined && NOT_THEIRS.has(code)) throw notFromTeams(error);",
        replace: "",
      },
      {
        name: "Teams: a key may sign for channels that it is not endorsed for",
        find: "endorsed.includes(channelId)",
        replace: "true",
      },
      {
        name: "Teams: a key list that could not be read is never asked for again",
        find: "if (known === found) known = undefined;",
        replace: "",
      },
    ],
  ),
  ...stubs(
    at("activity"),
    [test("door")],
    [
      {
        name: "Teams: an activity need not name its service",
        find: "serviceUrl: z.url({ protocol: /^https?$/ }),",
        replace: "serviceUrl: z.string(),",
      },
    ],
  ),
  ...stubs(
    at("activity"),
    [wire("people")],
    [
      {
        name: "Teams: what people say to each other is taken for commands",
        find: "return isPersonal(activity) || mentions(activity).length > 0;",
        replace: "return true;",
      },
    ],
  ),
  ...stubs(
    at("connector"),
    [wire("bot")],
    [
      {
        name: "Teams: the SDK tries again behind our back",
        only: "does not try again by itself",
        find: 'pipeline.removePolicy({ name: "defaultRetryPolicy" });',
        replace: "void pipeline;",
      },
    ],
  ),
  ...stubs(
    at("cards"),
    [wire("port"), wire("bot")],
    [
      {
        name: "Teams: cards carry no marker",
        only: "finds a message behind",
        find: "...(marker !== undefined && { id: markerId(marker) }),",
        replace: "",
      },
      {
        name: "Teams: a card is as long as it likes",
        find: "if (left < 0) {",
        replace: "if (left < Number.NEGATIVE_INFINITY) {",
      },
    ],
  ),
  ...stubs(
    at("cards"),
    [wire("people")],
    [
      {
        name: "Teams: everybody sees the same buttons",
        find: "...(messageId !== undefined && card.buttons?.length && { refresh: refreshOf(messageId, options.people ?? []) }),",
        replace:
          "...(messageId === refreshOf.name && options.people && { refresh: refreshOf(messageId, options.people) }),",
      },
    ],
  ),
  ...stubs(
    at("reply"),
    [wire("people"), wire("surface")],
    [
      {
        name: "Teams: an answer for one person is said in the channel",
        find: "if (isPersonal(activity)) {",
        replace: "if (isPersonal(activity) || conversation.id) {",
      },
    ],
  ),
  ...stubs(
    at("listener"),
    [test("listener")],
    [
      {
        name: "Teams: a press that comes again is another press",
        find: "const deliveryId = `press/${activity.id}`;",
        replace: "const deliveryId = `press/${activity.id}/${Math.random()}`;",
      },
    ],
  ),
  ...stubs(
    at("chat"),
    [wire("bot")],
    [
      {
        name: "Teams: a document is said anew from the start after a failure",
        find: "if (!standing.has(markerId(marker))) await reply",
        replace: "void standing; await reply",
      },
    ],
  ),
  ...stubs(
    "src/config-chats.ts",
    ["test/config-teams.test.ts"],
    [
      {
        name: "Teams: anybody may stand in for Microsoft",
        find: "HttpUrl.refine((url) => isLoopbackUrl(url), {",
        replace: "HttpUrl.refine((url) => isLoopbackUrl(url) || true, {",
      },
    ],
  ),
];
