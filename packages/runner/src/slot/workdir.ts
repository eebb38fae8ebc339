/**
 * Where in a slot the workspace is mounted.
 *
 * A script should see its own working directory under the name it has on the caller's machine, so that absolute paths,
 * tracebacks and `getcwd` agree. Where that name belongs to the image or to the kernel, `/work` is used instead.
 */
import { posix } from "node:path"

/** Used where the caller's own directory can't be. */
export const fallback = "/work"

/** A container's script has its home there: the only place that is writable in every image. */
export const home = "/tmp"

/** Trees of the image or the kernel: mounting at, beneath or above them breaks the script. */
const reserved = [
  "/proc",
  "/sys",
  "/dev",
  "/etc",
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/boot",
  "/run",
  "/var/run"
]

/** Parents that no image keeps anything in that a script needs: a directory of ours may cover them. */
const coverable = ["/home", "/root", "/tmp", "/var/tmp", "/mnt", "/media", "/srv", "/Users"]

/** Fine to have a directory in, not to be one's working directory. */
const parentsOnly = ["/", "/var", "/opt", ...coverable]

/** Whether a path is a directory's or lies beneath it. */
export const isWithin = (path: string, tree: string): boolean => path === tree || path.startsWith(`${tree}/`)

/** Linux limits one name to 255 bytes and a path to 4,096, the end included. */
const fits = (path: string): boolean =>
  Buffer.byteLength(path) < 4_096 && path.split("/").every((name) => Buffer.byteLength(name) <= 255)

/** The caller's working directory when a slot can have its workspace there, else `/work`. */
export const mountableWorkdir = (cwd: string): string => {
  const path = cwd.length > 1 ? cwd.replace(/\/+$/, "") : cwd
  const usable = path.startsWith("/") &&
    // Docker's bind syntax and the kernel's mount table leave no room for control characters.
    !/[\p{Cc}]/u.test(path) &&
    posix.normalize(path) === path &&
    !parentsOnly.includes(path) &&
    !path.startsWith("/.rgrid") &&
    !reserved.some((tree) => isWithin(path, tree)) &&
    fits(path)
  return usable ? path : fallback
}

/** Whether a slot can have a directory of ours at this path, which lies outside its workspace. */
export const mountableOutside = (path: string, workdir: string): boolean =>
  (coverable.includes(path) || mountableWorkdir(path) === path) && !isWithin(path, workdir)
