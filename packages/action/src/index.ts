/** The step itself, and later what follows the job's other steps: the runner starts the same file for both. */
import * as core from "@actions/core"
import { main } from "./main.ts"
import { post } from "./post.ts"

const isPost = core.getState("main") !== ""
core.saveState("main", "began")
await (isPost ? post() : main())
