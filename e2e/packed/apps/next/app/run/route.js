import { run } from "rgrid"

export const dynamic = "force-dynamic"

export async function GET(request) {
  const name = new URL(request.url).searchParams.get("name")
  const { exitCode, stdout } = await run("hello.py", [name], { outputDirectory: false })
  return Response.json({ exitCode, stdout })
}
