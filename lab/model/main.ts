import { childConfig, tellWorld } from "../child.ts";
import { answersQuestions } from "./answers.ts";
import { type ModelServerOptions, startModelServer } from "./server.ts";
import { writesDrafts } from "./writes.ts";

/** A language model as a process of its own, so that it can die and freeze while somebody waits for its answer. */
export interface ModelProcessConfig extends ModelServerOptions {
  /** How long it takes to write. */
  thinkMs: number;
}
export type ModelProcessMessage = { listening: string } | { asked: number };

const { thinkMs, ...options } = childConfig<ModelProcessConfig>(() => "muster-lab language model");
let asked = 0;
const server = await startModelServer({
  ...options,
  async beforeAnswer() {
    asked += 1;
    tellWorld({ asked } satisfies ModelProcessMessage);
    await new Promise((resolve) => setTimeout(resolve, thinkMs));
  },
});
server.play((one) => (one.body.tools === undefined ? writesDrafts(one) : answersQuestions(one)));
tellWorld({ listening: server.url } satisfies ModelProcessMessage);
