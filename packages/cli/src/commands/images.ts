import type { StoredImage } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import { imageList, type ImageRow, imageRows } from '../images/image-rows.ts'
import type { ImageSortKey } from '../images/sort-images.ts'
import { printList } from '../render/print-list.ts'

/** `podwright images` */
export const images: Command = defineCommand({
  name: 'images',
  usage: '[options] [REPOSITORY[:TAG]]',
  summary: 'List images',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Understood and not needed: there are no intermediate images', hidden: true },
    digests: { kind: 'boolean', description: 'Show digests' },
    filter: {
      kind: 'words',
      short: 'f',
      value: 'NAME=VALUE',
      description: 'Show only images with this reference, dangling, label, id, before or since',
    },
    format: formatFlag,
    'no-trunc': { kind: 'boolean', description: 'Show ids whole' },
    noheading: { kind: 'boolean', short: 'n', description: 'Leave the titles of the columns out' },
    quiet: { kind: 'boolean', short: 'q', description: 'Print only ids' },
    sort: {
      kind: 'text',
      value: 'KEY',
      description: 'Order by created, id, repository, size or tag',
      defaultText: 'created',
      choices: ['created', 'id', 'repository', 'size', 'tag'],
    },
  },
  arguments: { minimum: 0, maximum: 1 },
  examples: ['images', 'images debian', 'images -q --filter dangling=true'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const all = await engine.images.list({ signal: context.signals.signal })
    const rows = await filterRows(all, [...flags.filter, ...args.map((reference) => `reference=${reference}`)])
    const view = { now: context.clock.now(), whole: flags['no-trunc'] === true, digests: flags.digests === true }
    const sorted = flags.sort === undefined ? rows : (await import('../images/sort-images.ts')).sortImages(rows, flags.sort as ImageSortKey)
    await printList(context.stdout, sorted, imageList(view), flags)
    return 0
  },
})

async function filterRows(all: readonly StoredImage[], filters: readonly string[]): Promise<readonly ImageRow[]> {
  const rows = imageRows(all)
  if (filters.length === 0) return rows
  const { imageFilter } = await import('../images/filters.ts')
  return rows.filter(imageFilter(filters, all))
}
