import { type Command, defineCommand } from '../command-line/command.ts'
import { conversionFlags, conversionOptions, repackFlags, repackOptions } from '../images/conversion-flags.ts'
import { writeDigestFile } from '../images/digest-file.ts'
import { noSignaturesFlag } from '../images/copy-flags.ts'
import { accessFlags } from '../images/registry-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { pushWords } from '../images/transfer-words.ts'
import { insecureFlag, listAccessOptions } from '../manifests/insecure-flag.ts'

/** `podwright manifest push` */
export const manifestPush: Command = defineCommand({
  name: 'manifest push',
  usage: '[options] LIST [DESTINATION]',
  summary: 'Send a manifest list and its images to a registry',
  description: "Without a destination the list's own name says where to. Prints the digest that the destination leads to.",
  flags: {
    ...accessFlags,
    ...conversionFlags,
    ...repackFlags,
    ...insecureFlag,
    ...noSignaturesFlag,
    all: { kind: 'boolean', description: 'Also the images in the list', defaultText: 'true' },
    digestfile: { kind: 'text', value: 'FILE', description: 'Write the digest of what was sent into this file' },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
    rm: { kind: 'boolean', short: 'p', aliases: ['purge'], description: 'Remove the list here afterwards' },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['manifest push registry.example.com/app:1', 'manifest push --rm app:1 docker://registry.example.com/app:1'],
  async run(context, { flags, args }) {
    const [name = '', destination = name] = args
    const conversion = conversionOptions(flags)
    const engine = await context.engine()
    const digest = await (async () => {
      using report = openTransferReport(context, flags.quiet === true, pushWords)
      return await engine.manifests.push(name, destination, {
        ...listAccessOptions(flags),
        ...conversion,
        ...repackOptions(flags, conversion),
        all: flags.all,
        remove: flags.rm,
        signal: context.signals.signal,
        onProgress: report.onProgress,
      })
    })()
    if (flags.digestfile !== undefined) writeDigestFile(flags.digestfile, digest)
    context.stdout.write(`${digest}\n`)
    return 0
  },
})
