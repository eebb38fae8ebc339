import { defineConfig } from "vitest/config"

// Tests of packages run from source; end-to-end tests run what was built.
const conditions = ["rgrid-src", "node", "import", "module", "default"]

/** Integration tests in a folder `docker/` speak to Docker; scripts/test.mjs says whether there is one. */
const needDocker = "packages/*/test/**/docker/**/*.integration.test.ts"
const withoutDocker = process.env["RGRID_TEST_DOCKER"] === "no" ? [needDocker] : []

/** Each file has a grid of its own. */
const patient = { testTimeout: 180_000, hookTimeout: 180_000 }

/** They look at what their own grid answers. Whose server dies wants its port again, which another's grid may have by then. */
const together = [
  "account", "action*", "api", "batchCauses", "batchItems", "batchView", "causes", "clients", "commands", "conformance", "dependencies", "docs",
  "examples", "help", "mcp", "packed", "path", "provenance", "release", "results", "retry", "runtimes", "sdk*",
  "sea", "spec", "travel", "why", "wrongInputs"
].map((name) => `e2e/${name}.e2e.ts`)

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
      project("e2e-together", together, { ...patient, maxWorkers: 2, sequence: { groupOrder: 2 } }),
      project("e2e", ["e2e/**/*.{e2e,test}.ts"], {
        ...patient,
        exclude: ["**/node_modules/**", ...together],
        // Some look at time, memory, or what is left on the machine.
        fileParallelism: false,
        sequence: { groupOrder: 3 }
      })
    ]
  }
})
