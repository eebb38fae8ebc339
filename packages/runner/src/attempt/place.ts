/** Where an attempt runs: the slot to ask for, and what its script finds there under which sandbox. */
import { userInfo } from "node:os"
import { type JobSpec, jobSpec } from "rgrid/domain/JobSpec"
import { defaultRuntime, imageOf } from "rgrid/runtimes/resolve"
import type { Session, Slot, SlotLimits, SlotRequest } from "rgrid/ports/Sandbox"
import { caBundlePath, scriptUserName } from "../adapters/docker/settings.ts"
import type { RunnerSettings } from "../Settings.ts"
import { home, mountableWorkdir } from "../slot/workdir.ts"
import type { Surroundings } from "./command.ts"
import { outsideRoots, unplaceable } from "./outside.ts"
import type { Ground } from "./places.ts"

export const containerPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const limitsOf = ({ cpu, memoryBytes }: JobSpec["resources"]): SlotLimits => ({
  ...(cpu === undefined ? {} : { cpu }),
  ...(memoryBytes === undefined ? {} : { memoryBytes })
})

export const slotRequest = (spec: JobSpec, defaults: RunnerSettings["defaults"]): SlotRequest => {
  const workdir = mountableWorkdir(spec.cwd)
  return {
    image: imageOf(spec.runtime),
    workdir,
    outside: outsideRoots(spec, workdir),
    limits: limitsOf({ ...defaults, ...spec.resources }),
    network: spec.network
  }
}

/** What the first attempt will likely ask for: the default runtime, in the directory the settings name. */
export const likelyRequest = ({ defaults, readyWorkdir }: RunnerSettings): SlotRequest | null =>
  readyWorkdir === undefined ? null : slotRequest(
    jobSpec({ runtime: defaultRuntime, script: "-", interpreter: ["-"], cwd: readyWorkdir }),
    defaults
  )

/** A plain process sees this machine as it is: its programs, its home, its files. */
export const seesThisMachine = (sandbox: string): boolean => sandbox === "process"

export const ground = (
  sandbox: string,
  { outside, overlay, workspace }: Session,
  { mounts, workdir }: SlotRequest
): Ground => ({
  workspace,
  workdir,
  mounts: (mounts ?? []).map(({ at }) => at),
  outside: seesThisMachine(sandbox) ? "here" : outside,
  // It would hide where something is mounted already.
  ...(overlay === undefined || (mounts ?? []).length > 0 ? {} : { overlay })
})

/** An input that no slot of this sandbox can have a place for; null when there is none. */
export const refused = (sandbox: string, spec: JobSpec): string | null =>
  seesThisMachine(sandbox) ? null : unplaceable(spec, mountableWorkdir(spec.cwd))

/** The caller's locale is this machine's only where scripts see this machine; an image rarely has it. */
const localeOf = (sandbox: string, { surroundings }: JobSpec): string => {
  const locale = surroundings?.locale
  return locale !== undefined && seesThisMachine(sandbox) && /utf-?8/i.test(locale) ? locale : "C.UTF-8"
}

export const surroundings = (
  sandbox: string,
  slot: Session & Pick<Slot, "environment">,
  request: SlotRequest,
  settings: Pick<RunnerSettings, "caBundle">,
  spec: JobSpec
): Surroundings =>
  seesThisMachine(sandbox)
    ? {
      workdir: slot.workspace,
      image: slot.environment,
      path: process.env["PATH"] ?? containerPath,
      home: process.env["HOME"] ?? "/tmp",
      user: userInfo().username,
      locale: localeOf(sandbox, spec),
      caBundle: settings.caBundle
    }
    : {
      workdir: request.workdir,
      image: slot.environment,
      path: containerPath,
      home,
      user: scriptUserName,
      locale: localeOf(sandbox, spec),
      caBundle: settings.caBundle === undefined ? undefined : caBundlePath
    }
