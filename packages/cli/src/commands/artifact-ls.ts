import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag, shortFormatFlag } from '../command-line/format-flag.ts'
import { artifactDocument, artifactList, artifactRows } from '../artifacts/artifact-rows.ts'
import { printDocument } from '../render/print-documents.ts'
import { printList } from '../render/print-list.ts'

/** `podwright artifact ls` */
export const artifactLs: Command = defineCommand({
  name: 'artifact ls',
  usage: '[options]',
  summary: 'List artifacts',
  flags: {
    format: formatFlag,
    'no-trunc': { kind: 'boolean', description: 'Show digests whole' },
    noheading: { kind: 'boolean', short: 'n', description: 'Leave the titles of the columns out' },
    quiet: { kind: 'boolean', short: 'q', description: 'Print only digests' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['artifact ls', 'artifact ls --format json'],
  async run(context, { flags }) {
    const engine = await context.engine()
    const artifacts = await engine.artifacts.list({ signal: context.signals.signal })
    const view = { now: context.clock.now(), whole: flags['no-trunc'] === true }
    await printList(context.stdout, artifactRows(artifacts), artifactList(view), flags)
    return 0
  },
})

/** `podwright artifact inspect` */
export const artifactInspect: Command = defineCommand({
  name: 'artifact inspect',
  usage: '[options] ARTIFACT',
  summary: 'Show everything known of an artifact',
  flags: { format: shortFormatFlag },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['artifact inspect registry.example.com/model:1'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const document = artifactDocument(await engine.artifacts.inspect(args[0] ?? ''))
    await printDocument(context.stdout, document, { format: flags.format ?? 'json', typeName: 'Artifact', maps: ['annotations'] })
    return 0
  },
})
