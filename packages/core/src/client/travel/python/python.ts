/** Python: modules beside the script, in packages, and where `sys.path` was made to lead. */
import { dirname, join, resolve } from "node:path"
import type { Disk, Importing, Language } from "../Language.ts"
import { PythonReader } from "./reads.ts"

interface Located {
  readonly files: ReadonlyArray<string>
  /** A regular package or module; a directory without `__init__.py` only counts where there is none. */
  readonly regular: boolean
}

/** What `a.b.c` needs below one directory: each package's `__init__.py`, and the module itself. */
const locate = (disk: Disk, root: string, parts: ReadonlyArray<string>): Located | null => {
  const files: Array<string> = []
  let directory = root
  let regular = false
  for (const [index, part] of parts.entries()) {
    const here = join(directory, part)
    const package_ = join(here, "__init__.py")
    if (disk.kind(package_) === "file") files.push(package_)
    else if (disk.kind(`${here}.py`) === "file") return { files: [...files, `${here}.py`], regular: true }
    // The rest are names in the package.
    else if (disk.kind(here) !== "directory") return index === 0 ? null : { files, regular }
    if (index === 0) regular = files.length > 0
    directory = here
  }
  return { files, regular }
}

const relative = (name: string, { disk, file }: Importing): ReadonlyArray<string> => {
  const dots = /^\.+/.exec(name)![0].length
  const base = resolve(dirname(file), "../".repeat(dots - 1))
  const parts = name.slice(dots).split(".").filter((part) => part !== "")
  const own = join(base, "__init__.py")
  const inside = locate(disk, base, parts)?.files ?? []
  return disk.kind(own) === "file" ? [own, ...inside] : inside
}

const absolute = (name: string, { disk, roots }: Importing): ReadonlyArray<string> => {
  const located = roots.map((root) => locate(disk, root, name.split("."))).filter((one) => one !== null)
  const regular = located.find((one) => one.regular)
  // A namespace package has parts in every place.
  return regular?.files ?? located.flatMap((one) => one.files)
}

export const python: Language = {
  read: (source) => new PythonReader(source).read(),
  resolve: (name, importing) => name.startsWith(".") ? relative(name, importing) : absolute(name, importing),
  companions: () => []
}
