import { type Command, defineCommand } from '../command-line/command.ts'
import { writeDigestFile } from '../images/digest-file.ts'
import { accessFlags, accessOptions, retryFlags } from '../images/registry-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { artifactPullWords, pushWords } from '../images/transfer-words.ts'

const quiet = { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' } as const

/** `podwright artifact pull` */
export const artifactPull: Command = defineCommand({
  name: 'artifact pull',
  usage: '[options] NAME',
  summary: 'Fetch an artifact from a registry',
  description: 'Prints its digest.',
  flags: { ...accessFlags, ...retryFlags, quiet },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['artifact pull registry.example.com/model:1'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { descriptor } = await (async () => {
      using report = openTransferReport(context, flags.quiet === true, artifactPullWords)
      const options = { ...accessOptions(flags), signal: context.signals.signal, onProgress: report.onProgress }
      return await engine.artifacts.pull(args[0] ?? '', options)
    })()
    context.stdout.write(`${descriptor.digest}\n`)
    return 0
  },
})

/** `podwright artifact push` */
export const artifactPush: Command = defineCommand({
  name: 'artifact push',
  usage: '[options] ARTIFACT [DESTINATION]',
  summary: 'Send an artifact to a registry',
  flags: {
    ...accessFlags,
    ...retryFlags,
    digestfile: { kind: 'text', value: 'FILE', description: 'Write the digest of what was sent into this file' },
    quiet,
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['artifact push registry.example.com/model:1'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { digest, destination } = await (async () => {
      using report = openTransferReport(context, flags.quiet === true, pushWords)
      const options = { ...accessOptions(flags), signal: context.signals.signal, onProgress: report.onProgress }
      return await engine.artifacts.push(args[0] ?? '', args[1], options)
    })()
    if (flags.digestfile !== undefined) writeDigestFile(flags.digestfile, digest)
    if (flags.quiet !== true) context.stderr.write(`Pushed ${destination}, ${digest}\n`)
    return 0
  },
})
