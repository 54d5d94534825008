import type { CopyImageOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { endpointFlags, endpointsOf, noSignaturesFlag } from '../images/copy-flags.ts'
import { destinationFlags, destinationOptions, multiArchFlags, multiArchOptions } from '../images/destination-flags.ts'
import { writeDigestFile } from '../images/digest-file.ts'
import { platformFlags, platformOf } from '../images/registry-flags.ts'
import { retryTimesFlag } from '../images/identity-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { copyWords } from '../images/transfer-words.ts'

/** `podwright image copy` */
export const imageCopy: Command = defineCommand({
  name: 'image copy',
  usage: '[options] SOURCE DESTINATION',
  summary: 'Copy an image from one place to another',
  description:
    'Places are docker://HOST/NAME:TAG, oci:DIRECTORY:NAME, oci-archive:FILE:NAME, docker-archive:FILE:NAME, dir:DIRECTORY and containers-storage:NAME. Nothing stays here unless one of them is here. Prints the digest that the destination leads to.',
  flags: {
    ...endpointFlags,
    ...retryTimesFlag,
    ...destinationFlags,
    ...platformFlags,
    ...multiArchFlags,
    ...noSignaturesFlag,
    'additional-tag': { kind: 'list', value: 'NAME:TAG', description: 'Further name of the image, in a docker-archive:' },
    digestfile: { kind: 'text', value: 'FILE', description: 'Write the digest of what was written into this file' },
    'preserve-digests': { kind: 'boolean', description: 'Fail rather than write something of another digest' },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: [
    'image copy docker://debian:12 oci:layout:debian',
    'image copy --all docker://debian:12 docker://registry.example.com/debian:12',
    'image copy containers-storage:app:1 docker-archive:app.tar:app:1',
  ],
  async run(context, { flags, args }) {
    const [source = '', destination = ''] = args
    const options: CopyImageOptions = {
      ...destinationOptions(flags),
      ...endpointsOf(flags),
      ...multiArchOptions(flags),
      ...(flags['additional-tag'].length > 0 && { additionalNames: flags['additional-tag'] }),
      preserveDigests: flags['preserve-digests'],
      platform: await platformOf(flags),
      signal: context.signals.signal,
    }
    const engine = await context.engine()
    const { digest } = await (async () => {
      using report = openTransferReport(context, flags.quiet === true, copyWords)
      return await engine.images.copy(source, destination, {
        ...options,
        onProgress: report.onProgress,
      })
    })()
    if (flags.digestfile !== undefined) writeDigestFile(flags.digestfile, digest)
    context.stdout.write(`${digest}\n`)
    return 0
  },
})
