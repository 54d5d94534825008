import type { ContainerOptions, PullOptions } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { readNetwork } from './network-flag.ts'
import { CliError } from '../errors.ts'
import { registryOptions } from '../images/registry-flags.ts'
import type { ContainerFlags } from './container-flags.ts'
import { handedOnEnvironment, readEnvironment, readLabels } from './environment.ts'
import { parseLimit } from './limits.ts'
import { readMounts } from './mounts.ts'
import { readSecurityOptions } from './security.ts'
import { usesHealth } from './keeping/uses-health.ts'
import { usesTuning } from './tuning/uses-tuning.ts'
import { parseVolumesFrom } from './volumes-from.ts'

/** The values of the flags that `run` and `create` share. */
export type ContainerFlagValues = FlagValues<ContainerFlags>

/** What `run` and `create` were asked to make. */
export interface ContainerRequest {
  readonly flags: ContainerFlagValues
  /** The image (with `--rootfs`, a directory), then perhaps a command. */
  readonly args: readonly string[]
}

/**
 * The engine's options for what the command line asks.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_FILE`, `ERR_CLI_NOT_SUPPORTED`
 */
export async function containerOptions(context: CommandContext, { flags, args }: ContainerRequest): Promise<ContainerOptions> {
  const [first = '', ...command] = args
  const root = flags.rootfs === true ? (await import('./rootfs.ts')).readRootfs(flags, first) : undefined
  const pull: PullOptions = { policy: 'missing', ...(await registryOptions(flags)), ...pullPolicy(flags) }
  const mounts = readMounts(flags)
  const environment = { ...handedOnEnvironment(flags, context.env), ...(await readEnvironment(flags, context.env)) }
  const labels = await readLabels(flags)
  return {
    image: root === undefined ? first : '',
    ...(root !== undefined && { root }),
    pull,
    ...(pull.platform !== undefined && { platform: pull.platform }),
    ...(command.length > 0 && { command }),
    ...(flags.entrypoint !== undefined && { entrypoint: parseEntrypoint(flags.entrypoint) }),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(flags['env-merge'].length > 0 && { environmentMerge: readMerged(flags['env-merge']) }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(mounts.length > 0 && { mounts }),
    ...volumeOptions(flags),
    ...(usesTuning(flags) && (await import('./tuning/read-tuning.ts')).readTuning(flags)),
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.workdir !== undefined && { workingDirectory: flags.workdir }),
    ...(flags.user !== undefined && { user: flags.user }),
    ...(flags.hostname !== undefined && { hostname: flags.hostname }),
    ...(flags['seccomp-policy'] === 'image' && { seccompPolicy: 'image' as const }),
    ...(flags.network !== undefined && readNetwork(flags.network)),
    ...(usesPorts(flags) && (await import('./ports/read-ports.ts')).readPorts(flags)),
    ...(flags.secret.length > 0 && { secrets: flags.secret.map((await import('../secrets/read-secret.ts')).readSecret) }),
    ...(flags.tty === true && { terminal: true }),
    ...(flags.interactive === true && { stdin: true }),
    ...(flags.rm === true && { autoRemove: true }),
    ...(flags.restart !== undefined && {
      restart: (await import('./keeping/restart-policy.ts')).readRestart(flags.restart, flags),
    }),
    ...((flags['log-driver'] !== undefined || flags['log-opt'].length > 0) && {
      logging: (await import('./logging/read-logging.ts')).readLogging(flags, context),
    }),
    ...(usesHealth(flags) && { health: (await import('./keeping/read-health.ts')).readHealth(flags) }),
    ...confinement(flags),
    ...(flags['stop-signal'] !== undefined && { stopSignal: flags['stop-signal'] }),
    ...(flags['stop-timeout'] !== undefined && { stopTimeoutSeconds: flags['stop-timeout'] }),
    createCommand: context.commandLine,
  }
}

function readMerged(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --env-merge: it is not NAME=VALUE`)
    }),
  )
}

function usesPorts(flags: ContainerFlagValues): boolean {
  return flags.publish.length > 0 || flags['publish-all'] === true || flags.expose.length > 0
}

function volumeOptions(flags: ContainerFlagValues): Pick<ContainerOptions, 'volumesFrom' | 'imageVolumes' | 'volumeDriver'> {
  const kind = flags['image-volume']
  return {
    ...(flags['volumes-from'].length > 0 && { volumesFrom: flags['volumes-from'].map(parseVolumesFrom) }),
    ...(kind !== undefined && { imageVolumes: kind === 'tmpfs' || kind === 'ignore' ? kind : 'volume' }),
    ...(flags['volume-driver'] !== undefined && { volumeDriver: flags['volume-driver'] }),
  }
}

function confinement(flags: ContainerFlagValues): Partial<ContainerOptions> {
  return {
    ...(flags['read-only'] === true && { readOnlyRoot: true }),
    ...(flags.privileged === true && { privileged: true }),
    ...(flags['cap-add'].length > 0 && { capabilitiesAdd: flags['cap-add'] }),
    ...(flags['cap-drop'].length > 0 && { capabilitiesDrop: flags['cap-drop'] }),
    ...(flags.ulimit.length > 0 && { resourceLimits: flags.ulimit.map(parseLimit) }),
    ...readSecurityOptions(flags['security-opt']),
  }
}

function pullPolicy(flags: ContainerFlagValues): Pick<PullOptions, 'policy'> {
  return flags.pull === undefined ? {} : { policy: flags.pull as NonNullable<PullOptions['policy']> }
}

/** A JSON list of words, as podman; otherwise one word, as docker. Empty takes the image's away. */
function parseEntrypoint(text: string): readonly string[] {
  if (text === '') return []
  if (!text.startsWith('[')) return [text]
  try {
    const words: unknown = JSON.parse(text)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words
  } catch {
    // A command may begin with a bracket: `[` is a program.
  }
  return [text]
}
