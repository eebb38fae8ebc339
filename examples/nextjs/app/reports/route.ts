/** POST /reports: the numbers in a request's body become a report that a Python script makes on the grid. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RGridError, run } from "rgrid"

const script = join(process.cwd(), "report.py")

export async function POST(request: Request): Promise<Response> {
  // The script runs as if it were started here: its file is here, and what it makes appears here.
  const cwd = await mkdtemp(join(tmpdir(), "report-"))
  try {
    await writeFile(join(cwd, "numbers.txt"), await request.text())
    const { exitCode, failure, stderr } = await run(script, ["numbers.txt"], { cwd, timeout: 60, signal: request.signal })
    if (exitCode !== 0) return Response.json({ exitCode, failure, stderr }, { status: 422 })
    return new Response(await readFile(join(cwd, "report.txt"), "utf8"))
  } catch (error) {
    if (!(error instanceof RGridError)) throw error
    // The script was not run: what is wrong, and whether to try again.
    return Response.json({ code: error.code, remediation: error.remediation }, { status: error.retryable ? 503 : 500 })
  } finally {
    await rm(cwd, { recursive: true })
  }
}
