/**
 * Loaded into a program that is profiled (`node --import`): when it was up, when each of its requests began and ended, when
 * it ended. Plain JavaScript, since types would have to be stripped first.
 */
import { subscribe } from "node:diagnostics_channel"
import { writeFileSync } from "node:fs"

const marks = []
const mark = (label) => marks.push([label, performance.timeOrigin + performance.now()])

mark("node is up")
subscribe("undici:request:create", ({ request }) => mark(`asks ${request.method} ${request.path}`))
subscribe("undici:request:trailers", ({ request }) => mark(`has ${request.method} ${request.path}`))
subscribe("undici:websocket:open", () => mark("has the log's socket"))
subscribe("http.client.request.start", ({ request }) => mark(`asks ${request.method} ${request.path}`))
subscribe("http.client.response.finish", ({ request }) => mark(`has ${request.method} ${request.path}`))
process.on("exit", () => {
  mark("exits")
  writeFileSync(process.env.RGRID_BENCH_MARKS, JSON.stringify(marks))
})
