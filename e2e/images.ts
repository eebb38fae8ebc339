/** PNGs that are made, and JPEGs that are judged by decoding them. */
import { spawnSync } from "node:child_process"
import { crc32, deflateSync } from "node:zlib"

export const ffmpegImage = "ghcr.io/rgrid/ffmpeg:latest"

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  size.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, sum])
}

/** One colour over another, both from `seed`, so that no two are the same. */
export const png = (width: number, height: number, seed: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits, red, green and blue.
  header.set([8, 2], 8)
  const row = (y: number) => {
    const colour = y * 2 < height ? [seed * 37, seed * 71, 200] : [20, seed * 13, seed * 5]
    return [0, ...Array.from({ length: width }, () => colour.map((value) => value % 256)).flat()]
  }
  const pixels = Buffer.from(Array.from({ length: height }, (_, y) => row(y)).flat())
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))])
}

/** Runs `script` by the shell in the image, without a network, on a directory of this machine. */
const inImage = (directory: string, script: string): string => {
  const mount = `${directory}:/images:ro`
  const args = ["run", "--rm", "--network", "none", "-v", mount, "-w", "/images", ffmpegImage, "sh", "-ec", script]
  const { status, stderr, stdout } = spawnSync("docker", args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`decoding failed: ${stderr}`)
  return stdout
}

/** `name,codec,width,height` of each JPEG below the directory; throws when one can't be decoded to its end. */
export const decoded = (directory: string): ReadonlyArray<string> =>
  inImage(
    directory,
    `find . -name '*.jpg' | sort | while read -r name; do
       ffmpeg -nostdin -v error -xerror -i "$name" -f null -
       echo "$name,$(ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 "$name")"
     done`
  ).trim().split("\n")
