import type { Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, targetFlags } from '../containers/targets.ts'
import { exitCodeOfAbsence, isAbsence } from '../exit-codes.ts'

/** `podwright rm` */
export const rm: Command = defineCommand({
  name: 'rm',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Remove containers',
  description: 'Exits with 1 when a container is not there, unless with --force or --ignore.',
  flags: {
    ...targetFlags,
    all: { kind: 'boolean', short: 'a', description: 'Remove every container' },
    depend: { kind: 'boolean', description: 'Remove those first that require it, or are in a namespace of its' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    force: { kind: 'boolean', short: 'f', description: 'Kill and remove a running container; one that is not there is no error' },
    ignore: { kind: 'boolean', short: 'i', description: 'A container that is not there is no error' },
    time: { kind: 'integer', short: 't', value: 'SECONDS', description: 'With --force: how long to wait before killing', defaultText: '0' },
    volumes: { kind: 'boolean', short: 'v', description: "Remove the container's anonymous volumes too, unless others use them" },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['rm web', 'rm -f web', 'rm -fa', 'rm -a --dry-run'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags })
    const { signal } = context.signals
    const { force = false, volumes = false, depend = false } = flags
    // Whoever goes with another one is not there any more when its own turn comes.
    const known = new Set(depend ? await knownOf(engine, references) : [])
    const removeOne = async (reference: string): Promise<string | undefined> => {
      if (flags['dry-run'] === true) {
        return (await import('../containers/removal-preview.ts')).whatWouldGo(engine, reference, { force, volumes })
      }
      if (known.has(reference) && !(await engine.containers.exists(reference))) return undefined
      await engine.containers.remove(reference, {
        signal,
        force,
        ...(references.length > 1 && { together: references }),
        ...(depend && { dependents: true }),
        ...(volumes && { volumes }),
        ...(flags.time !== undefined && { timeoutSeconds: flags.time }),
      })
      return reference
    }
    const isQuiet = flags.force === true || flags.ignore === true
    return forEachReference(context, references, removeOne, {
      exitCode: exitCodeOfAbsence,
      ignore: (error) => isQuiet && isAbsence(error),
    })
  },
})

async function knownOf({ containers }: Pick<Engine, 'containers'>, references: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(references.map(async (reference) => ((await containers.exists(reference)) ? [reference] : [])))
  return found.flat()
}
