import { type Command, defineCommand } from '../command-line/command.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import { exitCodeOfAbsence } from '../exit-codes.ts'
import { renderError } from '../render/error.ts'
import { printDocuments } from '../render/print-documents.ts'
import { volumeDocument, volumeMaps } from '../volumes/volume-document.ts'
import { volumeTargets } from '../volumes/volume-targets.ts'

/** `podwright volume inspect` */
export const volumeInspect: Command = defineCommand({
  name: 'volume inspect',
  usage: '[options] VOLUME [VOLUME...]',
  summary: 'Show everything known of volumes',
  description: 'Prints a JSON array. Exits with 1 when something is not there; what was found is printed all the same.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Show every volume' },
    format: shortFormatFlag,
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['volume inspect data', "volume inspect -f '{{.Mountpoint}}' data"],
  async run(context, { flags, args }) {
    readFormat(flags.format)
    const engine = await context.engine()
    const documents: object[] = []
    let status = 0
    for (const reference of await volumeTargets(engine, { args, flags })) {
      try {
        documents.push(volumeDocument(await engine.volumes.inspect(reference)))
      } catch (error) {
        context.stderr.write(renderError(error, context.logLevel))
        status = Math.max(status, exitCodeOfAbsence(error))
      }
    }
    await printDocuments(context.stdout, documents, { format: flags.format, typeName: 'Volume', maps: volumeMaps })
    return status
  },
})
