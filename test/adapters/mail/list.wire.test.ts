import { openMailLists } from "../../../adapters/mail/index.ts";
import { startMailSink } from "../../../lab/mail/sink.ts";
import { destinationContract } from "../../contracts/destination.ts";
import { publicPlan } from "../../helpers/public-story.ts";
import { firstUpdate } from "../../helpers/update-event.ts";

const ADDRESS = "somebody@example.org";

destinationContract("a mail list of the plan, over SMTP", async () => {
  const sink = await startMailSink({ user: "muster", password: "hunter2" });
  const customers = { toFrom: "CUSTOMERS", stages: ["investigating" as const], template: "update" as const };
  const { plan, event, state } = firstUpdate(publicPlan({ mail: { customers } }));
  const [destination] = openMailLists(
    {
      mail: { url: sink.url, from: "status@example.org" },
      requestTimeoutMs: 1_000,
      secret: (name) => (name === "CUSTOMERS" ? ADDRESS : undefined),
    },
    plan,
    () => {},
  );
  return {
    destination: destination as never,
    event,
    state,
    // A repeat is known by its Message-ID.
    effects: () => new Set(sink.mails.map(({ parsed }) => parsed.messageId)).size,
    fail(how) {
      sink.mode = ({ down: "hang", broken: "greylist", throttled: "throttle", refusing: "refuse" } as const)[how];
    },
    mend() {
      sink.mode = "take";
    },
    secrets: [ADDRESS, "hunter2"],
    stop: () => sink.close(),
  };
});
