import { defineConfig } from "vitest/config";
import { hookTimeoutMs, patienceMs, secondTries, testTimeoutMs } from "./test/helpers/patience.ts";

const expect = { poll: { timeout: patienceMs } };

export default defineConfig({
  test: {
    // Many tests wait for a moment to pass and leave the processor to others meanwhile.
    maxWorkers: 4,
    projects: [
      // Pure code, and small servers in this process: `npm run check`, under a minute.
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "**/*.wire.test.ts"],
          // Files share their imports: nothing here replaces a module, and no module keeps what a test could see.
          isolate: false,
          testTimeout: testTimeoutMs,
          expect,
        },
      },
      // `*.wire.test.ts`: whatever needs more than this process or its own pace. A vendor's client against a server that
      // speaks its protocol and keeps its pace, a real redis-server, a second process; and what takes a second or more
      // for it. A quick suite with a socket of its own stays with the unit tests.
      {
        test: {
          name: "wire",
          retry: secondTries,
          include: ["test/**/*.wire.test.ts"],
          isolate: false,
          testTimeout: testTimeoutMs,
          hookTimeout: hookTimeoutMs,
          expect,
        },
      },
      // Whole processes: the server, the lab, kill -9.
      {
        test: {
          name: "system",
          retry: secondTries,
          include: ["test/system/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
