/** Node and bash. */
import { type Case, ours } from "../Case.ts"

export const otherLanguages: ReadonlyArray<Case> = [
  ours("node imports", "node esm.mjs a b", { files: ["esm.mjs", "esm_helper.mjs", "data.json"] }),
  ours("node requires", "node common.cjs", { files: ["common.cjs", "common_helper.cjs", "data.json"] }),
  ours("node plain", "node plain.js"),
  ours("node worker", "node worker.mjs"),
  ours("node children", "node children.mjs"),
  ours("node streams", "seq 1 10 | node streams.mjs in.txt", { setup: "seq 1 1000 > in.txt" }),
  ours("node TypeScript", "node typed.ts"),
  ours("node throws", "node node_throws.mjs"),
  ours("node rejects", "node node_rejects.mjs"),
  ours("node exits with 3 after much output", "node node_exits.mjs 3"),
  ours("node serves itself", "node node_sockets.mjs"),
  ours("node about itself", "node node_about.mjs", { normalise: "pids" }),
  ours("node warns", "node node_warns.mjs", { normalise: "pids" }),
  ours("node no such script", "node not_there.mjs 2> /dev/null"),
  ours("bash sources", "bash sourced.sh Ada x", { files: ["sourced.sh", "library.sh"] }),
  ours("bash traps", "bash trap.sh"),
  ours("bash arrays and documents", "bash arrays.sh"),
  ours("bash jobs", "bash jobs.sh"),
  ours("bash exits with 126", "bash codes.sh 126"),
  ours("bash exits with 127", "bash codes.sh 127"),
  ours("bash exits with 255", "bash codes.sh 255"),
  ours("bash ends itself", "bash codes.sh signal"),
  ours("bash pipefail", "bash pipefail.sh"),
  ours("bash writes to /dev/stderr", "bash to_devices.sh"),
  ours("bash tools", "bash tools.sh"),
  ours("bash syntax error", "bash bash_syntax.sh"),
  ours("bash made for sh", "bash ended.sh")
]
