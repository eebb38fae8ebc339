/** The few things that set-up and tests ask of the Docker Engine. They need its socket only, not its command line. */
import { createReadStream } from "node:fs"
import { request } from "node:http"
import { pipeline } from "node:stream/promises"

export const socketPath = (process.env.DOCKER_HOST || "unix:///var/run/docker.sock").replace(/^unix:\/\//, "")

/** One request; `idle` milliseconds without a byte end it. The answer of a failed pull or build is still a 200. */
const ask = (method, path, { body, headers = {}, idle = 60_000 } = {}) =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers, timeout: idle }, (answer) => {
      let text = ""
      answer.setEncoding("utf8").on("data", (piece) => text += piece)
      answer.on("end", () => {
        const error = text.match(/"error":"((?:[^"\\]|\\.)*)"/)?.[1]
        if (answer.statusCode < 300 && error === undefined) resolve(text)
        else reject(new Error(error ?? `${answer.statusCode} ${text.trim()}`))
      })
      answer.on("error", reject)
    })
    asked.on("timeout", () => asked.destroy(new Error(`Docker said nothing for ${idle / 1000} s`)))
    asked.on("error", reject)
    if (body === undefined) asked.end()
    else pipeline(body, asked).catch(reject)
  })

const succeeds = (asked) => asked.then(() => true, () => false)

export const answers = () => succeeds(ask("GET", "/_ping", { idle: 4_000 }))

export const hasImage = (image) => succeeds(ask("GET", `/images/${encodeURIComponent(image)}/json`))

/** The registry is given `idle` milliseconds for each next sign of life. */
export const pull = (image, idle) => ask("POST", `/images/create?fromImage=${encodeURIComponent(image)}`, { idle })

export const tag = (image, name) => {
  const [repo, version] = name.split(":")
  return ask("POST", `/images/${encodeURIComponent(image)}/tag?repo=${repo}&tag=${version}`)
}

/** A root file system becomes an image; `changes` are lines of a Dockerfile. */
export const importImage = (tarball, name, changes) => {
  const [repo, version] = name.split(":")
  const query = new URLSearchParams({ fromSrc: "-", repo, tag: version })
  for (const change of changes) query.append("changes", change)
  return ask("POST", `/images/create?${query}`, { body: createReadStream(tarball), idle: 300_000 })
}

/** Builds from a tar with a Dockerfile in it. */
export const build = (context, name, network) =>
  ask("POST", `/build?t=${encodeURIComponent(name)}&networkmode=${network}`, {
    body: context,
    headers: { "content-type": "application/x-tar" },
    idle: 300_000
  })

if (import.meta.main) {
  const [, , question, image] = process.argv
  const yes = question === "ping" ? await answers() : question === "has" && await hasImage(image)
  process.exit(yes ? 0 : 1)
}
