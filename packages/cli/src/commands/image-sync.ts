import type { SyncedImage } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { conversionFlags, conversionOptions } from '../images/conversion-flags.ts'
import { endpointFlags, endpointsOf } from '../images/copy-flags.ts'
import { retryTimesFlag } from '../images/identity-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { copyWords } from '../images/transfer-words.ts'
import { renderError } from '../render/error.ts'

/** `podwright image sync` */
export const imageSync: Command = defineCommand({
  name: 'image sync',
  usage: '[options] --src docker|dir --dest docker|dir SOURCE DESTINATION',
  summary: 'Copy every tag of a repository, or every image of a directory',
  description:
    'From docker: HOST/NAME with all its tags, or HOST/NAME:TAG; from dir: a directory with a directory for each image. To docker: HOST/PATH, to dir: a directory. A manifest that is there already is not sent again. Prints the destinations.',
  flags: {
    ...endpointFlags,
    ...retryTimesFlag,
    format: conversionFlags.format,
    'compression-format': conversionFlags['compression-format'],
    'remove-signatures': { kind: 'boolean', description: 'Leave out the tags that hold signatures, sha256-….sig' },
    all: { kind: 'boolean', short: 'a', description: 'Of a list, copy every image' },
    dest: { kind: 'text', short: 'd', description: 'What the destination is', choices: ['docker', 'dir'] },
    'dry-run': { kind: 'boolean', description: 'Say what would be copied, and copy nothing' },
    'keep-going': { kind: 'boolean', description: 'Go on with the others when one fails' },
    'preserve-digests': { kind: 'boolean', description: 'Fail rather than write something of another digest' },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
    scoped: { kind: 'boolean', description: "Put the source's full name behind the destination's" },
    src: { kind: 'text', short: 's', description: 'What the source is', choices: ['docker', 'dir', 'yaml'] },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: [
    'image sync --src docker --dest dir registry.example.com/app /media/usb',
    'image sync --src dir --dest docker --scoped /media/usb registry.example.com/mirror',
    'image sync --dry-run --src docker --dest docker a.example.com/app b.example.com',
  ],
  async run(context, { flags, args }) {
    const [source = '', destination = ''] = args
    if (flags.src === undefined || flags.dest === undefined) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `${flags.src === undefined ? '--src' : '--dest'} is needed: docker or dir`)
    }
    if (flags.src === 'yaml') {
      throw new CliError('ERR_CLI_NOT_SUPPORTED', 'cannot honour --src yaml: skopeo has it, podwright does not have it yet', {
        hint: 'Call it once for each repository.',
      })
    }
    const engine = await context.engine()
    using report = openTransferReport(context, flags.quiet === true, copyWords)
    const synced = engine.images.sync(placeOf(flags.src, source), placeOf(flags.dest, destination), {
      ...conversionOptions(flags),
      ...endpointsOf(flags),
      all: flags.all,
      scoped: flags.scoped,
      withoutSignatures: flags['remove-signatures'],
      keepGoing: flags['keep-going'],
      dryRun: flags['dry-run'],
      preserveDigests: flags['preserve-digests'],
      signal: context.signals.signal,
      onProgress: report.onProgress,
    })
    let status: number = exitCodes.success
    for await (const image of synced) status = Math.max(status, tell(context, image))
    return status
  },
})

function placeOf(transport: string, name: string): string {
  return transport === 'docker' ? `docker://${name.replace(/^docker:\/\//, '')}` : `dir:${name.replace(/^dir:/, '')}`
}

function tell({ stdout, stderr, logLevel }: CommandContext, { source, destination, digest, error }: SyncedImage): number {
  if (error !== undefined) {
    stderr.write(renderError(error, logLevel))
    return exitCodes.failure
  }
  stdout.write(digest === undefined ? `Would copy: ${source} to ${destination}\n` : `${destination}\n`)
  return exitCodes.success
}
