import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag, readFormat } from '../command-line/format-flag.ts'
import { printDocument } from '../render/print-documents.ts'
import { printList } from '../render/print-list.ts'
import { usageDetails, renderUsageDetails } from '../system/usage-details.ts'
import { usageList, usageRows } from '../system/usage-list.ts'

/** `podwright system df` */
export const systemDf: Command = defineCommand({
  name: 'system df',
  usage: '[options]',
  summary: 'Show what images, containers and volumes take on disk',
  description:
    "The size of the images is that of their layers and of the compressed blobs that are kept for pushing, each once; a container's is what it has changed of its image. RECLAIMABLE is what would come back if all that no container uses, and every container that does not run, went.",
  flags: {
    format: formatFlag,
    verbose: { kind: 'boolean', short: 'v', description: 'Show every image, container and volume' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['system df', 'system df -v', "system df --format '{{.Type}} {{.Reclaimable}}'"],
  async run(context, { flags }) {
    const format = readFormat(flags.format)
    const engine = await context.engine()
    const usage = await engine.system.usage({ signal: context.signals.signal })
    if (flags.verbose !== true) {
      await printList(context.stdout, usageRows(usage), usageList, flags)
      return 0
    }
    const details = usageDetails(usage, context.clock.now())
    if (format === 'table') context.stdout.write(await renderUsageDetails(details))
    else await printDocument(context.stdout, details, { format: flags.format, typeName: 'DiskUsage' })
    return 0
  },
})
