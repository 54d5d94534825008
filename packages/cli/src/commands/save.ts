import type { ArchiveFormat } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { archiveOutput } from '../images/archive-output.ts'
import { platformOf, storedPlatformFlag } from '../images/registry-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { saveWords } from '../images/transfer-words.ts'

/** `podwright save` */
export const save: Command = defineCommand({
  name: 'save',
  usage: '[options] IMAGE [IMAGE...]',
  summary: 'Write images into an archive',
  description:
    'The archive goes to stdout, or into a file. Images are found in it by the names that they were asked for; one that was asked for by its id has no name there.',
  flags: {
    compress: { kind: 'boolean', description: 'Compress layers with gzip, for docker-dir' },
    format: {
      kind: 'text',
      description: 'docker-archive, oci-archive, oci-dir or docker-dir',
      defaultText: 'docker-archive',
      choices: ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir'],
    },
    'multi-image-archive': {
      kind: 'boolean',
      short: 'm',
      description: 'Understood and not needed: each argument is an image',
      hidden: true,
    },
    output: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      description: 'Write into this file, or this directory for a -dir format',
      defaultText: 'stdout',
    },
    ...storedPlatformFlag,
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
    uncompressed: { kind: 'boolean', description: 'Understood and not needed: layers are not compressed unless asked for', hidden: true },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['save -o debian.tar debian:12', 'save --format oci-archive app:1 app:2', 'save --format oci-dir -o layout app:1'],
  async run(context, { flags, args }) {
    const output = archiveOutput(context, flags.output)
    const engine = await context.engine()
    using report = openTransferReport(context, flags.quiet === true, saveWords)
    await engine.images.save(
      args.map((reference) => ({ reference })),
      output,
      {
        format: flags.format as ArchiveFormat | undefined,
        compress: flags.compress,
        platform: await platformOf(flags),
        signal: context.signals.signal,
        onProgress: report.onProgress,
      },
    )
    return 0
  },
})
