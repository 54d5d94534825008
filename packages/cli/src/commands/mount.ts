import type { ContainerSummary, Engine, MountedTree } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { asEither } from '../containers/neither.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { exitCodeOfAbsence } from '../exit-codes.ts'
import { renderJson } from '../render/json.ts'
import { renderTable } from '../render/table.ts'

const rootless = 'A plain user calls it from inside podwright unshare, where the mount is seen.'

/** `podwright mount` */
export const mount: Command = defineCommand({
  name: 'mount',
  usage: '[options] [CONTAINER|IMAGE...]',
  summary: "Show a container's or an image's files in a directory",
  description: `Prints the directory of each; without a name, what is mounted. A container's files can be written to, an image's not. ${rootless}`,
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Mount every container that does not run' },
    format: { kind: 'text', value: 'json', description: 'How to print what is mounted: json', choices: ['json'] },
    'no-trunc': { kind: 'boolean', aliases: ['notruncate'], description: 'Show ids whole' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['mount web', 'mount debian:12', 'mount --format json'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { signal } = context.signals
    if (args.length === 0 && flags.all !== true && flags.latest !== true) {
      return printMounts(context, await engine.system.mounts({ signal }), flags)
    }
    const references = await findTargets(engine, { args, flags }, { allOf: isStill })
    const mountOne = async (reference: string): Promise<string> =>
      (await asEither(reference, () => engine.system.mount(reference, { signal }))).path
    return forEachReference(context, references, mountOne, { exitCode: exitCodeOfAbsence })
  },
})

function isStill({ state }: ContainerSummary): boolean {
  return state.pid === 0
}

async function printMounts(
  { stdout }: CommandContext,
  mounts: readonly MountedTree[],
  flags: { readonly format?: string | undefined; readonly 'no-trunc'?: boolean | undefined },
): Promise<number> {
  if (flags.format === 'json') stdout.write(renderJson(mounts.map(mountRecord)))
  else
    stdout.write(
      await renderTable(
        undefined,
        mounts.map((tree) => [shownId(tree, flags['no-trunc'] === true), tree.path]),
      ),
    )
  return 0
}

/** As podman has it. */
function mountRecord({ kind, id, names, path }: MountedTree): object {
  return { id: hexOf(id), Names: names, kind, mountpoint: path }
}

function shownId({ id }: MountedTree, whole: boolean): string {
  return whole ? hexOf(id) : hexOf(id).slice(0, 12)
}

function hexOf(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}

/** `podwright unmount` */
export const unmount: Command = defineCommand({
  name: 'unmount',
  usage: '[options] CONTAINER|IMAGE [CONTAINER|IMAGE...]',
  summary: 'Undo mount',
  description: 'Prints the ids.',
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Take down every container and image that is mounted' },
    force: { kind: 'boolean', short: 'f', description: 'Of images: whoever holds the mount' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['unmount web', 'unmount --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { signal } = context.signals
    const unmountOne = async (reference: string): Promise<string> => {
      const tree = await asEither(reference, () => engine.system.unmount(reference, { signal, force: flags.force }))
      if (tree !== undefined) return hexOf(tree.id)
      throw new CliError('ERR_CLI_NOT_FOUND', `${reference} is not mounted`, { hint: "'podwright mount' shows what is." })
    }
    const references = await unmountTargets(engine, { flags, args })
    return forEachReference(context, references, unmountOne, { exitCode: exitCodeOfAbsence })
  },
})

async function unmountTargets(
  engine: Engine,
  {
    flags,
    args,
  }: { readonly flags: { readonly all?: boolean | undefined; readonly latest?: boolean | undefined }; readonly args: readonly string[] },
): Promise<readonly string[]> {
  if (flags.all !== true || args.length > 0 || flags.latest === true) return findTargets(engine, { args, flags })
  return (await engine.system.mounts()).map(({ id }) => id)
}
