/** What the Docker sandbox is told about its place, and the numbers it never varies. */

export interface DockerSettings {
  /** Whose slots these are: containers, networks and directories carry it, so that a later life finds them. */
  readonly runnerId: string
  /** An own directory, which the engine sees under the same path. Slots live beneath it. */
  readonly stateDirectory: string
  /** The engine's socket. Default: `/var/run/docker.sock`. */
  readonly socketPath?: string
  /** Whether scripts may reach private address ranges and this machine. Yes on one's own grid, no for strangers. */
  readonly allowPrivateNetworks: boolean
  /** A file of CA certificates, mounted read-only at `caBundlePath`; the runner points the script's env to it. */
  readonly caBundle?: string
}

/** Where the init is mounted in every slot. */
export const initPath = "/.rgrid-init"

/** Where the socket is mounted by which the init speaks. */
export const outletPath = "/.rgrid-outlet"

/** Where `DockerSettings.caBundle` is mounted. */
export const caBundlePath = "/.rgrid-ca.pem"

/** The script's user and group where the runner is root; no image and no host should know it. */
export const scriptUser = 10_001

/** What that user is called, in the slot. */
export const scriptUserName = "rgrid"

export const defaultPids = 256
export const openFiles = 1024

export const runnerLabel = "rgrid.runner"
export const slotLabel = "rgrid.slot"

/** Of the containers that only hold a network namespace. */
export const holderLabel = "rgrid.network"

/** The user scripts run as: `scriptUser`, or the runner's own where it can't become anybody else. */
export interface ScriptUser {
  readonly uid: number
  readonly gid: number
  /** The init starts as root and drops to the user; needs a runner that is root. */
  readonly dropsFromRoot: boolean
}

export const scriptUserOf = (uid: number, gid: number): ScriptUser =>
  uid === 0 ? { uid: scriptUser, gid: scriptUser, dropsFromRoot: true } : { uid, gid, dropsFromRoot: false }
