import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      // Pure code and small servers in this process: under a minute.
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/system/**"], testTimeout: 10_000 } },
      // Whole processes: the server, the lab, kill -9.
      {
        test: {
          name: "system",
          // Real processes, killed and frozen on a machine that may be busy: one second try, which the report names.
          retry: 1,
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
