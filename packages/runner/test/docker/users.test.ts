import { assert, describe, it } from "@effect/vitest"
import { firstFile, withEntry } from "../../src/adapters/docker/users.ts"

const user = { uid: 10_001, gid: 10_001, dropsFromRoot: true }

const entry = (type: string, content: string): Buffer => {
  const header = Buffer.alloc(512)
  header.write("passwd", 0)
  header.write(`${content.length.toString(8).padStart(11, "0")} `, 124)
  header.write(type, 156)
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(512)])
}

describe("the script's user by name", () => {
  it("is one line more in the image's own file", () => {
    const own = "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin"
    assert.strictEqual(withEntry("passwd", own, user), `${own}\nrgrid:x:10001:10001::/tmp:/bin/sh\n`)
    assert.strictEqual(withEntry("group", "root:x:0:\n", user), "root:x:0:\nrgrid:x:10001:\n")
  })

  it("is the image's where it knows the id, and another where it knows the name", () => {
    const node = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/bash\n"
    assert.strictEqual(withEntry("passwd", node, { uid: 1000, gid: 1000, dropsFromRoot: false }), node)
    assert.include(withEntry("passwd", "rgrid:x:5:5::/:/bin/sh\n", user), "\nuser10001:x:10001:")
  })

  it("is there in an image without any", () => {
    assert.match(withEntry("passwd", null, user), /^root:.*\nrgrid:.*\n$/)
  })

  it("is read from the first entry of an archive, when that is a file", () => {
    assert.strictEqual(firstFile(entry("0", "root:x:0:0\n")), "root:x:0:0\n")
    assert.isNull(firstFile(entry("2", "")))
    assert.isNull(firstFile(Buffer.alloc(10)))
    assert.isNull(firstFile(entry("0", "cut off").subarray(0, 515)))
  })
})
