import type { ContainerSummary, Engine } from '@podwright/contracts'
import { messageOf } from '@podwright/conventions'
import { readFileSync } from 'node:fs'
import { CliError } from '../errors.ts'

/** Act on the newest container. */
export const latestFlag = {
  latest: { kind: 'boolean', short: 'l', description: 'Act on the container created last' },
} as const

const namingFlags = {
  cidfile: { kind: 'words', value: 'FILE', description: 'Act on the container whose id is in this file, too' },
  filter: { kind: 'words', value: 'NAME=VALUE', description: 'Act on the containers that ps --filter would show' },
} as const

const shortNamingFlags = {
  cidfile: { kind: 'words', value: 'FILE', description: 'Act on the container whose id is in this file, too' },
  filter: { kind: 'words', short: 'f', value: 'NAME=VALUE', description: 'Act on the containers that ps --filter would show' },
} as const

/** The same, or on those that a file or a filter says. */
export const targetFlags: typeof latestFlag & typeof namingFlags = { ...latestFlag, ...namingFlags }

/** With `-f` for the filter, where nothing else is that. */
export const shortTargetFlags: typeof latestFlag & typeof shortNamingFlags = { ...latestFlag, ...shortNamingFlags }

/** Ways to name containers other than by name. */
export interface TargetFlags {
  readonly all?: boolean | undefined
  readonly latest?: boolean | undefined
  readonly cidfile?: readonly string[] | undefined
  readonly filter?: readonly string[] | undefined
}

/** Options of `findTargets`. */
export interface FindTargetsOptions {
  /** Which containers `--all` and `--filter` mean. @default all */
  readonly allOf?: (container: ContainerSummary) => boolean
}

/**
 * The references that a command acts on: its arguments, or what `--all` or `--latest` stand for.
 *
 * @throws CliError `ERR_CLI_ARGUMENTS` when nothing is named, `ERR_CLI_FLAG_CONFLICT` when things are named in several ways
 */
export async function findTargets(
  engine: Pick<Engine, 'containers'>,
  { args, flags }: { readonly args: readonly string[]; readonly flags: TargetFlags },
  options: FindTargetsOptions = {},
): Promise<readonly string[]> {
  const { all = false, latest = false, cidfile = [], filter = [] } = flags
  const isNamed = args.length > 0 || cidfile.length > 0
  const ways = Number(isNamed) + Number(all || filter.length > 0) + Number(latest)
  if (ways > 1) throw new CliError('ERR_CLI_FLAG_CONFLICT', 'name containers, or give --all, --latest or --filter: one of them')
  if (ways === 0) {
    throw new CliError('ERR_CLI_ARGUMENTS', 'no container is named', { hint: "'podwright ps -a' shows the names and ids there are." })
  }
  if (isNamed) return [...args, ...cidfile.map(readId)]
  const containers = await engine.containers.list({ all: true })
  if (latest) return [newest(containers).id]
  const isMeant = options.allOf ?? ((): boolean => true)
  const passes = filter.length === 0 ? isMeant : (await import('./filters.ts')).containerFilter(filter, containers)
  return containers.filter((container) => isMeant(container) && passes(container)).map(({ id }) => id)
}

/** The id that `run --cidfile` has written. */
function readId(path: string): string {
  try {
    const [id = ''] = readFileSync(path, 'utf8').trim().split('\n')
    if (id !== '') return id
  } catch (error) {
    throw new CliError('ERR_CLI_FILE', `cannot read the file of --cidfile, ${path}: ${messageOf(error)}`, { cause: error })
  }
  throw new CliError('ERR_CLI_FILE', `the file of --cidfile, ${path}, has no id in it`)
}

/**
 * The reference of a command that acts on one container, and the arguments after it.
 *
 * @throws CliError as `findTargets`
 */
export async function findTarget(
  engine: Pick<Engine, 'containers'>,
  {
    args,
    flags,
  }: { readonly args: readonly string[]; readonly flags: Pick<TargetFlags, 'latest'> & { readonly cidfile?: string | undefined } },
): Promise<{ readonly reference: string; readonly rest: readonly string[] }> {
  if (flags.cidfile !== undefined) return { reference: readId(flags.cidfile), rest: args }
  if (flags.latest === true) return { reference: newest(await engine.containers.list({ all: true })).id, rest: args }
  const [reference, ...rest] = args
  if (reference === undefined) throw new CliError('ERR_CLI_ARGUMENTS', 'no container is named')
  return { reference, rest }
}

function newest(containers: readonly ContainerSummary[]): ContainerSummary {
  const [first, ...others] = containers
  if (first === undefined) throw new CliError('ERR_CLI_ARGUMENTS', '--latest finds nothing: there are no containers')
  return others.reduce((best, next) => (next.createdAt > best.createdAt ? next : best), first)
}
