import type { Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { isAbsence } from '../exit-codes.ts'
import { volumeExitCode } from '../volumes/volume-exit.ts'
import { volumeTargets } from '../volumes/volume-targets.ts'

/** `podwright volume rm` */
export const volumeRm: Command = defineCommand({
  name: 'volume rm',
  usage: '[options] VOLUME [VOLUME...]',
  summary: 'Remove volumes',
  description:
    'With all that is in them. Exits with 1 when a volume is not there, unless with --force, and with 2 when a container uses it, running or not.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Remove every volume' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    force: {
      kind: 'boolean',
      short: 'f',
      description: 'Also remove the containers that use it; one that is not there is no error',
    },
    time: { kind: 'integer', short: 't', value: 'SECONDS', description: 'With --force: how long to wait before killing', defaultText: '0' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['volume rm data', 'volume rm -f data', 'volume rm --all --dry-run'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await volumeTargets(engine, { args, flags })
    const { force = false, time, 'dry-run': dryRun } = flags
    const options = { force, signal: context.signals.signal, ...(time !== undefined && { timeoutSeconds: time }) }
    const remove = async (reference: string): Promise<string> =>
      dryRun === true ? whatWouldGo(engine, reference, force) : engine.volumes.remove(reference, options)
    return forEachReference(context, references, remove, {
      exitCode: volumeExitCode,
      ignore: (error) => force && isAbsence(error),
    })
  },
})

/** @throws what the removal would throw */
async function whatWouldGo(engine: Engine, reference: string, force: boolean): Promise<string> {
  const { name, holders } = await engine.volumes.inspect(reference)
  if (holders.length > 0 && !force) {
    const { CliError } = await import('../errors.ts')
    throw new CliError(
      'ERR_CLI_IN_USE',
      `the volume ${name} would stay: it is in use by ${holders.map((id) => id.slice(0, 12)).join(', ')}`,
    )
  }
  return [...holders.map((id) => `Would remove the container ${id.slice(0, 12)}`), `Would remove ${name}`].join('\n')
}
