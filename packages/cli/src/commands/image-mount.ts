import type { MountedImage } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { forEachReference } from '../containers/each.ts'
import { CliError } from '../errors.ts'
import { renderJson } from '../render/json.ts'
import { renderTable } from '../render/table.ts'

/** `podwright image mount` */
export const imageMount: Command = defineCommand({
  name: 'image mount',
  usage: '[options] [IMAGE...]',
  summary: "Show an image's files in a directory, read-only",
  description:
    "Prints the directory of each; without an image, what is mounted. A plain user sees it inside the namespace that images' files belong to: podwright unshare ls DIRECTORY. It stays until podwright image unmount, or a reboot.",
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Mount every image' },
    format: { kind: 'text', value: 'json', description: 'How to print what is mounted: json', choices: ['json'] },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['image mount debian:12', 'image mount'],
  async run(context, { flags, args }) {
    if (flags.all === true && args.length > 0) throw new CliError('ERR_CLI_FLAG_CONFLICT', 'name images, or give --all: one of them')
    const engine = await context.engine()
    const { signal } = context.signals
    const references = flags.all === true ? (await engine.images.list()).map(({ id }) => id) : args
    if (references.length === 0 && flags.all !== true) return printMounts(context, await engine.images.mounts({ signal }), flags.format)
    return forEachReference(context, references, async (reference) => (await engine.images.mount(reference, { signal })).path)
  },
})

/** `podwright image unmount` */
export const imageUnmount: Command = defineCommand({
  name: 'image unmount',
  usage: '[options] IMAGE [IMAGE...]',
  summary: 'Take down what image mount has put up',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Take down every one' },
    force: { kind: 'boolean', short: 'f', description: 'Whoever holds it' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['image unmount debian:12', 'image unmount --all'],
  async run(context, { flags, args }) {
    if ((flags.all === true) === args.length > 0) throw new CliError('ERR_CLI_ARGUMENTS', 'name images, or give --all: one of them')
    const engine = await context.engine()
    const { signal } = context.signals
    const references = flags.all === true ? (await engine.images.mounts({ signal })).map(({ image }) => image.id) : args
    return forEachReference(context, references, async (reference) => {
      const { image } = await engine.images.inspect(reference)
      if (await engine.images.unmount(reference, { signal, force: flags.force })) return image.id.slice(image.id.indexOf(':') + 1)
      throw new CliError('ERR_CLI_NOT_FOUND', `the image ${reference} is not mounted`, { hint: "'podwright image mount' shows what is." })
    })
  },
})

async function printMounts({ stdout }: CommandContext, mounts: readonly MountedImage[], format: string | undefined): Promise<number> {
  if (format === 'json') {
    const records = mounts.map(({ image, path }) => ({ id: image.id.slice(7), repositories: image.names, mountpoint: path }))
    stdout.write(renderJson(records))
  } else {
    const rows = mounts.map(({ image, path }) => [image.names[0] ?? image.id.slice(7), path])
    stdout.write(await renderTable(undefined, rows))
  }
  return 0
}
