import { createReadStream, createWriteStream } from "node:fs"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) })
await pipeline(createReadStream(process.argv[2]), upper, createWriteStream("upper.txt"))
await pipeline(process.stdin, createGzip(), createWriteStream("stdin.gz"))
process.stdout.write("done")
