import type { ContainerDetails, ContainerOptions, HealthCheckOptions, ImageDetails } from '@podwright/contracts'

/**
 * What was asked for when a container was made: its options without what came from its image and from the defaults.
 *
 * @param image undefined when it is gone: then all that came from it is named, too
 */
export function ownOptions({ id, options }: ContainerDetails, image: ImageDetails | undefined): ContainerOptions {
  const given = image?.config.config ?? {}
  const { entrypoint = [], command = [], network, hostname, uts } = { ...options, uts: options.utsNamespace }
  const isOwnEntrypoint = !same(entrypoint, given.Entrypoint ?? [])
  const isOwnCommand = isOwnEntrypoint || !same(command, given.Cmd ?? [])
  const variables = new Set(given.Env ?? [])
  const volumes = Object.keys(given.Volumes ?? {})
  return {
    ...options,
    entrypoint: isOwnEntrypoint ? (entrypoint.length === 0 ? [''] : entrypoint) : undefined,
    command: isOwnCommand ? command : undefined,
    environment: withoutEntries(options.environment, ([name, value]) => variables.has(`${name}=${value}`)),
    labels: withoutEntries(options.labels, ([name, value]) => given.Labels?.[name] === value),
    mounts: options.mounts?.filter(({ target, volume }) => !(volume?.anonymous === true && volumes.includes(target))),
    ...(volumes.length > 0 &&
      !volumes.some((target) => options.mounts?.some((mount) => mount.target === target)) && { imageVolumes: 'ignore' as const }),
    workingDirectory: unless(options.workingDirectory, given.WorkingDir || '/'),
    user: options.user === keptUser(options) ? undefined : unless(options.user, given.User ?? ''),
    stopSignal: unless(options.stopSignal, given.StopSignal ?? 'SIGTERM'),
    stopTimeoutSeconds: unless(options.stopTimeoutSeconds, 10),
    network: unless(network, 'private'),
    hostname: hostname === id.slice(0, 12) || network === 'host' || uts === 'host' || typeof uts === 'object' ? undefined : hostname,
    platform: options.platform?.architecture === hostArchitecture() ? undefined : options.platform,
    health: healthOf(options.health, given.Healthcheck !== undefined),
  }
}

/** Whom a container runs as that keeps this user's ids, when nobody is asked for. */
function keptUser({ userNamespace }: ContainerOptions): string | undefined {
  if (userNamespace?.mode !== 'keep-id') return undefined
  return `${userNamespace.uid ?? process.getuid?.()}:${userNamespace.gid ?? process.getgid?.()}`
}

const healthDefaults: HealthCheckOptions = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 5000,
  onFailure: 'none',
  logCount: 5,
  logSize: 500,
}

/** An image's check may have other defaults, so that all is named then. */
function healthOf(health: ContainerOptions['health'], isOfImage: boolean): ContainerOptions['health'] {
  if (health === undefined) return isOfImage ? 'none' : undefined
  if (health === 'none' || isOfImage) return health
  const fields = Object.entries(health).filter(([name, value]) => healthDefaults[name as keyof HealthCheckOptions] !== value)
  return Object.fromEntries(fields) as HealthCheckOptions
}

function withoutEntries(
  values: Readonly<Record<string, string>> = {},
  isGiven: (entry: readonly [string, string]) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter((entry) => !isGiven(entry)))
}

function unless<Value>(value: Value, usual: Value): Value | undefined {
  return value === usual ? undefined : value
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at])
}

function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
