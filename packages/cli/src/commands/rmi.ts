import type { Engine } from '@podwright/contracts'
import type { Platform } from '@podwright/oci'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { forEachReference } from '../containers/each.ts'
import { CliError } from '../errors.ts'
import { exitCodeOfAbsence, isAbsence } from '../exit-codes.ts'
import { platformOf } from '../images/registry-flags.ts'
import { removalLines } from '../images/removal-lines.ts'

/** `podwright rmi` */
export const rmi: Command = defineCommand({
  name: 'rmi',
  usage: '[options] IMAGE [IMAGE...]',
  summary: 'Remove images',
  description:
    'A name is taken away; the image itself goes with its last name, or when it is named by its id. Exits with 1 when an image is not there, unless with --force or --ignore.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Remove every image' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    force: {
      kind: 'boolean',
      short: 'f',
      description: 'Also remove the containers on it, and all its names; one that is not there is no error',
    },
    ignore: { kind: 'boolean', short: 'i', description: 'An image that is not there is no error' },
    platform: {
      kind: 'list',
      value: 'OS/ARCH',
      description: 'Remove only what is here for this platform; the name stays while there is more',
    },
    'no-prune': { kind: 'boolean', description: 'Understood and not needed: there are no untagged parents', hidden: true },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['rmi debian:12', 'rmi -f a1b2c3d4e5f6', 'rmi --all --dry-run'],
  async run(context, { flags, args }) {
    if (args.length > 0 === (flags.all === true)) {
      throw new CliError('ERR_CLI_ARGUMENTS', 'name images, or give --all: one of them', {
        hint: "'podwright images' shows the names there are.",
      })
    }
    if (flags.all === true && flags.platform.length > 0) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--all removes every image, whatever its platform: leave --platform out, or name images')
    }
    const platforms =
      flags.platform.length === 0 ? [undefined] : await Promise.all(flags.platform.map((platform) => platformOf({ platform })))
    const engine = await context.engine()
    const references = flags.all === true ? (await engine.images.list()).map(({ id }) => id) : args
    const isQuiet = flags.force === true || flags.ignore === true
    // With --all the id of an image with several names is meant whole.
    const force = flags.force === true || flags.all === true
    return forEachReference(
      context,
      references,
      (reference) => removeVariants(context, engine, { reference, platforms, force, dryRun: flags['dry-run'] === true }),
      {
        exitCode: exitCodeOfAbsence,
        ignore: (error) => isQuiet && isAbsence(error),
      },
    )
  },
})

interface Removal {
  readonly reference: string
  /** Undefined: the image whole. */
  readonly platforms: readonly (Platform | undefined)[]
  readonly force: boolean
  readonly dryRun: boolean
}

async function removeVariants(
  { signals }: CommandContext,
  engine: Engine,
  { reference, platforms, force, dryRun }: Removal,
): Promise<string | undefined> {
  const lines: string[] = []
  for (const platform of platforms) {
    const options = { signal: signals.signal, force, ...(dryRun && { dryRun }), ...(platform !== undefined && { platform }) }
    lines.push(...removalLines(await engine.images.remove(reference, options), dryRun))
  }
  return lines.length === 0 ? undefined : lines.join('\n')
}
