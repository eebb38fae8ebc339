import { assert, describe, it } from "@effect/vitest"
import { fallback, mountableWorkdir } from "../../src/slot/workdir.ts"

describe("mountableWorkdir", () => {
  it.each([
    "/home/ann/project",
    "/root/project",
    "/tmp/x",
    "/Users/ann/my project",
    "/opt/app",
    "/var/www",
    "/data",
    "/home/ann/näïve: ☃"
  ])("keeps %s", (cwd) => {
    assert.strictEqual(mountableWorkdir(cwd), cwd)
  })

  it.each([
    "/", "", "relative", "/tmp", "/root", "/home", "/proc", "/proc/1", "/sys/x", "/dev/shm/x", "/etc/a",
    "/usr/local/src", "/bin", "/sbin/x", "/lib", "/lib64/x", "/run/user/0", "/var/run/x",
    "/.rgrid-init", "/.rgrid-x/y", "/a/../etc",
    "/a//b", "/a/./b", "/a\nb", "/a\0b", `/${"x".repeat(256)}`, `/${"x/".repeat(2100)}y`, "C:\\Users\\ann"
  ])("replaces %j", (cwd) => {
    assert.strictEqual(mountableWorkdir(cwd), fallback)
  })

  it("drops a slash at the end", () => {
    assert.strictEqual(mountableWorkdir("/home/ann/"), "/home/ann")
  })
})
