/** The same script, once for each. */
import type { Scenario } from "../Door.ts"
import { python } from "./python.ts"

const each = "import sys\nname = sys.argv[1]\nif 'bad' in name: raise SystemExit(7)\nopen('result.txt', 'w').write(open(name).read() * 2)\n"
const three = { "in/one.txt": "1", "in/two.txt": "2", "in/bad.txt": "x" }

export const batches: ReadonlyArray<Scenario> = [
  python(
    "a batch, each with its own output",
    each,
    {
      status: "completed",
      items: { "in/one.txt": { status: "completed", exitCode: 0 }, "in/two.txt": { status: "completed", exitCode: 0 } },
      files: { "outputs/one/result.txt": "11", "outputs/two/result.txt": "22" }
    },
    { files: { "in/one.txt": "1", "in/two.txt": "2" }, over: ["in/one.txt", "in/two.txt"] }
  ),
  python(
    "a batch of which one fails",
    each,
    { status: "completed", items: { "in/bad.txt": { status: "failed", exitCode: 7, failure: "ScriptExited" }, "in/two.txt": { status: "completed" } } },
    { files: three, over: ["in/one.txt", "in/bad.txt", "in/two.txt"], failOn: "all" }
  ),
  python(
    "a batch that may not fail at all",
    each,
    { status: "failed", items: { "in/bad.txt": { status: "failed", exitCode: 7 }, "in/one.txt": { status: "completed" } } },
    { files: three, over: ["in/one.txt", "in/bad.txt"], failOn: "any" }
  ),
  python(
    "a batch of which all fail",
    each,
    { status: "failed", items: { "in/bad.txt": { status: "failed", exitCode: 7 } } },
    { files: three, over: ["in/bad.txt"], failOn: "all" }
  ),
  python(
    "a batch with arguments of its own",
    "import sys\nopen('args.txt', 'w').write(' '.join(sys.argv[1:]))\n",
    { status: "completed", files: { "outputs/one/args.txt": "--scale 2 one.txt" } },
    { files: { "one.txt": "1" }, args: ["--scale", "2"], over: ["one.txt"] }
  )
]
