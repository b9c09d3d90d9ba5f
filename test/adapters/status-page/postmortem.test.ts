import { expect, it } from "vitest";
import { createStatuspagePostmortem } from "../../../adapters/status-page/atlassian-postmortem.ts";
import { createFakeStatuspage } from "../../../lab/statuspage.ts";
import { type Message, messagesOf } from "../../../src/deliveries/port.ts";
import type { PostmortemBody } from "../../../src/status-page/postmortem.ts";
import { destinationContract } from "../../contracts/destination.ts";
import { publicStory } from "../../helpers/public-story.ts";
import { serveFetch } from "../../helpers/serve.ts";
import { regionDies } from "../../helpers/story-moves.ts";

async function over() {
  const fake = createFakeStatuspage({ components: [] });
  const incident = { id: "inc1", name: "Disruption", status: "resolved", impact: "critical", metadata: {} };
  fake.incidents.push({ ...incident, incident_updates: [] });
  const url = await serveFetch((request) => fake.handle(request));
  const options = {
    pageId: fake.pageId,
    apiKey: fake.apiKey,
    requestTimeoutMs: 10_000,
    apiUrl: `${url}/v1`,
    paceMs: 1,
  };
  const story = publicStory();
  regionDies(story);
  story.available(false);
  story.settle();
  const sent = (stage: string) => {
    const which = { incidentId: "inc-1", updateId: `inc-1/${stage}`, destination: "statuspage", ref: "inc1" };
    return story.emit("comms.sent", which, "system:statuspage");
  };
  const first = sent("investigating");
  story.available(true);
  story.emit("incident.resolved", { incidentId: "inc-1", reason: "inside words" }, "operator");
  story.settle();
  const last = sent("resolved");
  return { fake, story, first, event: last, state: story.state(), destination: createStatuspagePostmortem(options) };
}

destinationContract("the draft of a post-mortem on Statuspage", async () => {
  const { fake, event, state, destination } = await over();
  return {
    destination: destination as never,
    event,
    state,
    effects: () => fake.incidents.filter(({ postmortem_body }) => postmortem_body !== undefined).length,
    fail(how) {
      const status = { down: 503, broken: 500, throttled: 420, refusing: 401 }[how];
      fake.failing = { status };
    },
    mend() {
      fake.failing = undefined;
    },
    secrets: [fake.apiKey],
    stop: async () => {},
  };
});

it("is what the public was told and nothing from inside, and is left to people to finish and publish", async () => {
  const { fake, first, event, state, destination } = await over();
  expect(messagesOf(destination as never, first, state)).toEqual([]);
  const [message] = messagesOf(destination as never, event, state) as [Message<PostmortemBody>];
  await destination.send(message, { marker: "m", late: false, signal: new AbortController().signal });
  const text = fake.incidents[0]?.postmortem_body ?? "";
  expect(text).toMatch(/^Disruption of Question answering\n\nThis incident is resolved\./);
  expect(text).toContain("- 2026-03-07 02:15, Investigating: Question answering: requests have been failing");
  expect(text).toContain("To be written by people");
  for (const inside of ["inside words", "inc-1", "us-east-1"]) expect(text).not.toContain(inside);
  expect(fake.requests.filter((what) => what.includes("publish"))).toEqual([]);
});
