import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { archiveInput } from '../images/archive-output.ts'

/** `podwright volume import` */
export const volumeImport: Command = defineCommand({
  name: 'volume import',
  usage: 'VOLUME [FILE|-]',
  summary: 'Put what is in a tar into a volume',
  description:
    'The tar may be compressed with gzip or zstd. What is in the volume stays, but for files of the same name. No container may be running with it.',
  flags: {},
  arguments: { minimum: 1, maximum: 2 },
  examples: ['volume import data data.tar', 'volume import data -'],
  async run(context, { args }) {
    const [reference = '', path] = args
    const input = await openInput(context, path)
    const engine = await context.engine()
    await engine.volumes.import(reference, input, { signal: context.signals.signal })
    return 0
  },
})

async function openInput(context: CommandContext, path: string | undefined): Promise<AsyncIterable<Uint8Array>> {
  const input = archiveInput(context, path)
  if (typeof input !== 'string') return input as AsyncIterable<Uint8Array>
  if (/^https?:/.test(input)) throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot import ${input}: fetch it, and pipe it in`)
  const { createReadStream, openSync } = await import('node:fs')
  try {
    return createReadStream(input, { fd: openSync(input, 'r'), highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw new CliError('ERR_CLI_FILE', `cannot read ${input}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
