import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@sennit/source"] },
  ssr: { resolve: { conditions: ["@sennit/source"], externalConditions: ["@sennit/source"] } },
  test: {
    include: [
      "src/**/*.test.ts",
      "test/**/*.test.ts",
      "examples/**/*.test.ts",
      "build/doctest/*.test.ts",
    ],
    pool: "threads",
    isolate: false,
    globals: false,
    testTimeout: 30_000,
  },
});
