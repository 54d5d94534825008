import { type Command, defineCommand } from '../command-line/command.ts'
import { archiveInput } from '../images/archive-output.ts'
import { platformOf } from '../images/registry-flags.ts'

/** `podwright import` */
export const importCommand: Command = defineCommand({
  name: 'import',
  usage: '[options] FILE|URL|- [REFERENCE]',
  summary: 'Make an image out of a tar of a file system',
  description: "The tar may be compressed with gzip or zstd. Prints the new image's id.",
  flags: {
    arch: { kind: 'text', description: "The image's architecture", defaultText: "the host's" },
    change: {
      kind: 'words',
      short: 'c',
      value: 'INSTRUCTION',
      description: 'Apply an instruction of a Containerfile: CMD, ENV, EXPOSE, LABEL, …',
    },
    message: { kind: 'text', short: 'm', description: 'Comment for the history' },
    os: { kind: 'text', description: "The image's operating system", defaultText: 'linux' },
    platform: { kind: 'text', value: 'OS/ARCH', description: "Both, in docker's words" },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
    variant: { kind: 'text', description: "The variant of the image's architecture" },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: [
    'import rootfs.tar.gz base:1',
    'import -c \'CMD ["/bin/sh"]\' -c ENV=A=b rootfs.tar app',
    'import https://example.com/rootfs.tar base',
  ],
  async run(context, { flags, args }) {
    const [from = '', name] = args
    const input = archiveInput(context, from)
    const engine = await context.engine()
    const image = await engine.images.import(input, {
      name,
      changes: flags.change,
      message: flags.message,
      platform: await platformOf(flags),
      signal: context.signals.signal,
    })
    context.stdout.write(`${image.id}\n`)
    return 0
  },
})
