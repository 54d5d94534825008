import type { LoadedImage } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { archiveInput } from '../images/archive-output.ts'
import { platformFlags, platformOf } from '../images/registry-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { loadWords } from '../images/transfer-words.ts'

/** `podwright load` */
export const load: Command = defineCommand({
  name: 'load',
  usage: '[options]',
  summary: 'Take the images of an archive in',
  description:
    'From stdin, or from a file or directory: what docker, podman, skopeo or buildah saved as docker-archive, oci-archive, oci-dir or docker-dir, compressed with gzip or zstd or not.',
  flags: {
    input: { kind: 'text', short: 'i', value: 'FILE', description: 'Read this file or directory', defaultText: 'stdin' },
    platform: platformFlags.platform,
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['load -i debian.tar', 'load -i layout'],
  async run(context, { flags }) {
    const input = archiveInput(context, flags.input)
    const engine = await context.engine()
    const loaded = await (async () => {
      using report = openTransferReport(context, flags.quiet === true, loadWords)
      return await engine.images.load(input, {
        platform: await platformOf(flags),
        signal: context.signals.signal,
        onProgress: report.onProgress,
      })
    })()
    context.stdout.write(loaded.map(linesOf).join(''))
    return 0
  },
})

function linesOf({ image, names }: LoadedImage): string {
  return names.length === 0 ? `Loaded image: ${image.id}\n` : names.map((name) => `Loaded image: ${name}\n`).join('')
}
