import type { ContainerMount, ContainerOptions } from '@podwright/contracts'
import type { ImageConfig, Platform } from '@podwright/oci'
import { commandLine } from '@podwright/runtime'
import { posix } from 'node:path'
import { EngineError } from '../errors.ts'
import type { ContainerSettings } from '../state/record.ts'
import { runsSystemd, systemdStopSignal } from '../tuning/systemd.ts'
import { tuningOf } from './tuning-of.ts'

/** What settings need to know besides the options. */
export interface SettingsContext {
  readonly id: string
  readonly config: ImageConfig
  readonly hostHostname: string
}

/** Brings the image's defaults and the options together, by docker's rules. */
export function resolveSettings(options: ContainerOptions, { id, config, hostHostname }: SettingsContext): ContainerSettings {
  const image = config.config ?? {}
  const given = options.entrypoint
  const entrypoint = given === undefined ? (image.Entrypoint ?? []) : given.length === 1 && given[0] === '' ? [] : given
  const args = commandLine({ image, entrypoint: given, command: options.command })
  const network = options.network ?? 'private'
  const systemd = runsSystemd(args, options.systemd)
  return {
    root: options.root,
    entrypoint,
    command: args.slice(entrypoint.length),
    args,
    environment: mergeEnvironment(keptOf(image.Env ?? [], options.unsetEnvironment), {
      ...expanded(options.environmentMerge ?? {}, image.Env ?? []),
      ...options.environment,
    }),
    workingDirectory: absoluteDirectory(options.workingDirectory ?? (image.WorkingDir || '/')),
    user: options.user ?? image.User ?? '',
    hostname: options.hostname ?? (network === 'host' || options.utsNamespace === 'host' ? hostHostname : id.slice(0, 12)),
    labels: { ...image.Labels, ...options.labels },
    mounts: checkMounts(options.mounts ?? []),
    volumesFrom: options.volumesFrom,
    volumeDriver: options.volumeDriver,
    network,
    uplink: options.uplink,
    publishAllPorts: options.publishAllPorts === true ? true : undefined,
    exposedPorts: options.exposedPorts,
    terminal: options.terminal ?? false,
    stdin: options.stdin ?? false,
    autoRemove: options.autoRemove ?? false,
    readOnlyRoot: options.readOnlyRoot ?? false,
    privileged: options.privileged ?? false,
    capabilitiesAdd: options.capabilitiesAdd ?? [],
    capabilitiesDrop: options.capabilitiesDrop ?? [],
    noNewPrivileges: options.noNewPrivileges ?? false,
    seccompProfile: options.seccompProfile,
    seccompPolicy: options.seccompPolicy,
    resourceLimits: options.resourceLimits ?? [],
    stopSignal: options.stopSignal ?? image.StopSignal ?? (systemd ? systemdStopSignal : 'SIGTERM'),
    stopTimeoutSeconds: options.stopTimeoutSeconds ?? 10,
    platform: platformOf(config),
    createCommand: options.createCommand,
    tuning: tuningOf(systemd ? { systemd: true, ...options } : options),
    restart: options.restart,
    logging: options.logging,
  }
}

/** Those that are not to be left out. */
function keptOf(image: readonly string[], unset: ContainerOptions['unsetEnvironment'] = []): readonly string[] {
  return unset === 'all' ? [] : image.filter((entry) => !unset.includes(entry.replace(/=.*/s, '')))
}

/** The values with the image's variables put in; what it does not have is empty, as in a shell. */
function expanded(values: Readonly<Record<string, string>>, image: readonly string[]): Readonly<Record<string, string>> {
  const known = new Map(image.map((entry) => [entry.replace(/=.*/s, ''), entry.slice(entry.indexOf('=') + 1)]))
  const expand = (text: string): string =>
    text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => known.get(braced ?? plain ?? '') ?? '')
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expand(value)]))
}

/** The image's variables in their order, replaced or followed by the given ones. */
function mergeEnvironment(image: readonly string[], given: Readonly<Record<string, string>>): string[] {
  const merged = new Map<string, string>()
  for (const entry of image) {
    const at = entry.indexOf('=')
    merged.set(at < 0 ? entry : entry.slice(0, at), at < 0 ? '' : entry.slice(at + 1))
  }
  for (const [key, value] of Object.entries(given)) merged.set(key, value)
  return [...merged].map(([key, value]) => `${key}=${value}`)
}

function absoluteDirectory(directory: string): string {
  if (posix.isAbsolute(directory)) return posix.normalize(directory)
  throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `the working directory "${directory}" must be an absolute path`, {
    hint: 'Give the directory inside the container from the root: --workdir /path',
  })
}

function checkMounts(mounts: readonly ContainerMount[]): readonly ContainerMount[] {
  const taken = new Set<string>()
  for (const mount of mounts) {
    const target = posix.resolve('/', mount.target)
    if (!posix.isAbsolute(mount.target) || target === '/') {
      throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot mount onto "${mount.target}": it must be an absolute path other than /`)
    }
    if (taken.has(target))
      throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `two mounts have the same place in the container, ${target}`)
    taken.add(target)
    if (mount.type === 'bind' && (mount.source === undefined || !posix.isAbsolute(mount.source))) {
      throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `the source of the bind mount on ${target} must be an absolute path`)
    }
    checkUse(mount)
  }
  return mounts
}

/** What a mount says that has no meaning for its type. */
function checkUse({ type, target, changeOwner, subpath }: ContainerMount): void {
  if (changeOwner === true && type !== 'bind' && type !== 'volume' && type !== 'tmpfs')
    throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot give the ${type} on ${target} to the container's user`)
  if (subpath !== undefined && type !== 'volume' && type !== 'image')
    throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `the ${type} on ${target} has no subpath`)
}

function platformOf(config: ImageConfig): Platform {
  return { os: config.os, architecture: config.architecture, ...(config.variant === undefined ? {} : { variant: config.variant }) }
}
