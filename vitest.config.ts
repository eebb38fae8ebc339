import { defineConfig } from "vitest/config"

// Tests of packages run from source; end-to-end tests run what was built.
const conditions = ["rgrid-src", "node", "import", "module", "default"]

/** Integration tests in a folder `docker/` speak to Docker; scripts/test.mjs says whether there is one. */
const needDocker = "packages/*/test/**/docker/**/*.integration.test.ts"
const withoutDocker = process.env["RGRID_TEST_DOCKER"] === "no" ? [needDocker] : []

const project = (name: string, include: ReadonlyArray<string>, options: object = {}) => ({
  // Without it a project has none of what stands below.
  extends: true as const,
  test: { name, include: [...include], ...options }
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: "forks",
    passWithNoTests: true,
    reporters: ["default", "./scripts/testing/summary.ts"],
    projects: [
      project("unit", ["packages/*/test/**/*.test.ts"], {
        exclude: ["**/node_modules/**", "**/*.integration.test.ts"],
        sequence: { groupOrder: 0 }
      }),
      project("integration", ["packages/*/test/**/*.integration.test.ts"], {
        exclude: ["**/node_modules/**", ...withoutDocker],
        testTimeout: 60_000,
        hookTimeout: 60_000,
        // Each file has a Postgres or containers of its own.
        maxWorkers: 2,
        sequence: { groupOrder: 1 }
      }),
      project("e2e", ["e2e/**/*.{e2e,test}.ts"], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        // Each file has a grid of its own, and some look at time and memory.
        fileParallelism: false,
        sequence: { groupOrder: 2 }
      })
    ]
  }
})
