import { createServer } from "node:http"
const server = createServer((_, response) => response.end("served")).listen(0, "127.0.0.1", async () => {
  console.log(await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text())
  server.close()
})
