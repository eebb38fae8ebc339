import express from "express"
import { run } from "rgrid"

const app = express()

app.get("/run", async (request, response) => {
  const { exitCode, stdout } = await run("hello.py", [String(request.query.name)], { outputDirectory: false })
  response.json({ exitCode, stdout })
})

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`))
