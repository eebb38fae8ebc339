/** An Express app: the numbers in a request's body become a report that a Python script makes on the grid. */
import express from "express"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RGridError, run } from "rgrid"

const script = join(import.meta.dirname, "report.py")

const app = express()

app.post("/reports", express.text({ limit: "10mb" }), async (request, response) => {
  // The script runs as if it were started here: its file is here, and what it makes appears here.
  const cwd = await mkdtemp(join(tmpdir(), "report-"))
  try {
    await writeFile(join(cwd, "numbers.txt"), request.body)
    const { exitCode, failure, stderr } = await run(script, ["numbers.txt"], { cwd, timeout: 60 })
    if (exitCode !== 0) return response.status(422).json({ exitCode, failure, stderr })
    response.type("text").send(await readFile(join(cwd, "report.txt")))
  } catch (error) {
    if (!(error instanceof RGridError)) throw error
    // The script was not run: what is wrong, and whether to try again.
    response.status(error.retryable ? 503 : 500).json({ code: error.code, remediation: error.remediation })
  } finally {
    await rm(cwd, { recursive: true })
  }
})

const server = app.listen(Number(process.env.PORT ?? 3000), () => console.log(`http://127.0.0.1:${server.address().port}`))
