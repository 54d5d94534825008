import type { ContainerSummary, Engine } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/** Act on the newest container. */
export const latestFlag = {
  latest: { kind: 'boolean', short: 'l', description: 'Act on the container created last' },
} as const

/** Ways to name containers other than by name. */
export interface TargetFlags {
  readonly all?: boolean | undefined
  readonly latest?: boolean | undefined
}

/** Options of `findTargets`. */
export interface FindTargetsOptions {
  /** Which containers `--all` means. @default all */
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
  const ways = Number(args.length > 0) + Number(flags.all === true) + Number(flags.latest === true)
  if (ways > 1) throw new CliError('ERR_CLI_FLAG_CONFLICT', 'name containers, or give --all, or give --latest: one of them')
  if (ways === 0) {
    throw new CliError('ERR_CLI_ARGUMENTS', 'no container is named', { hint: "'podwright ps -a' shows the names and ids there are." })
  }
  if (args.length > 0) return args
  const containers = await engine.containers.list({ all: true })
  if (flags.all === true) return containers.filter(options.allOf ?? (() => true)).map(({ id }) => id)
  return [newest(containers).id]
}

/**
 * The reference of a command that acts on one container, and the arguments after it.
 *
 * @throws CliError as `findTargets`
 */
export async function findTarget(
  engine: Pick<Engine, 'containers'>,
  { args, flags }: { readonly args: readonly string[]; readonly flags: Pick<TargetFlags, 'latest'> },
): Promise<{ readonly reference: string; readonly rest: readonly string[] }> {
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
