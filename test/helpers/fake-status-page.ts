import type { AppError } from "../../src/errors.ts";
import type { PublicUpdate, StatusPagePort } from "../../src/status-page/port.ts";
import type { PublicPage } from "../../src/status-page/views.ts";

/** A page in this process: keeps what is posted, refuses what it is told to refuse, counts every call. */
export interface FakeStatusPage extends StatusPagePort {
  posted: { marker: string; incident: string; update: PublicUpdate }[];
  shown: PublicPage | undefined;
  calls: string[];
  /** Thrown by every call while it is set. */
  failure: AppError | undefined;
  /** Awaited by the next post after it has taken effect, before it answers. */
  holdAnswer: Promise<void> | undefined;
}

export function createFakeStatusPage(id = "fake"): FakeStatusPage {
  const answer = (call: string) => {
    page.calls.push(call);
    if (page.failure) throw page.failure;
  };
  const page: FakeStatusPage = {
    id,
    name: "Fake page",
    paceMs: 1,
    posted: [],
    shown: undefined,
    calls: [],
    failure: undefined,
    holdAnswer: undefined,
    async post(update, { marker, incident = `remote-${page.posted.length + 1}` }) {
      answer(`post ${marker}`);
      page.posted.push({ marker, incident, update });
      const hold = page.holdAnswer;
      page.holdAnswer = undefined;
      await hold;
      return incident;
    },
    async find(marker) {
      answer(`find ${marker}`);
      return page.posted.find((one) => one.marker === marker)?.incident;
    },
    async show(shown) {
      answer("show");
      page.shown = shown;
    },
  };
  return page;
}
