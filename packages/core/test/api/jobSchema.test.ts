import { expect, it } from "vitest"
import { jobSchema } from "rgrid/api/jobSchema"

// `vitest -u` writes it anew.
it("is the schema on record", () =>
  expect(`${JSON.stringify(jobSchema(), null, 2)}\n`).toMatchFileSnapshot("../../../../docs/jobspec.schema.json"))
