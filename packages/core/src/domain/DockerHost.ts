/** Where a Docker engine listens, as Docker's own command line has it: `DOCKER_HOST`, else the socket of the system. */

export const defaultSocket = "/var/run/docker.sock"

/** Path of the engine's socket; `null` when `DOCKER_HOST` names an engine that is not on this machine. */
export const dockerSocket = (host: string | undefined): string | null => {
  if (host === undefined || host === "") return defaultSocket
  return host.startsWith("unix://") ? host.slice("unix://".length) : null
}
