import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { CliError } from '../errors.ts'
import { absolute } from '../images/registry-flags.ts'
import { writeBytes } from '../images/write-bytes.ts'

/** `podwright artifact rm` */
export const artifactRm: Command = defineCommand({
  name: 'artifact rm',
  usage: '[options] ARTIFACT [ARTIFACT...]',
  summary: 'Remove artifacts',
  description: 'A name is taken away; the artifact itself goes with its last name, or when it is named by its digest.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Remove every artifact' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['artifact rm registry.example.com/model:1', 'artifact rm --all --dry-run'],
  async run(context, { flags, args }) {
    if ((flags.all === true) === args.length > 0) throw new CliError('ERR_CLI_ARGUMENTS', 'name artifacts, or give --all: one of them')
    const engine = await context.engine()
    const { signal } = context.signals
    const dryRun = flags['dry-run'] === true
    const references = flags.all === true ? (await engine.artifacts.list({ signal })).map(({ descriptor }) => descriptor.digest) : args
    return forEachReference(context, references, async (reference) => {
      const digest = await engine.artifacts.remove(reference, { signal, dryRun })
      return dryRun ? `Would delete: ${digest}` : digest
    })
  },
})

/** `podwright artifact extract` */
export const artifactExtract: Command = defineCommand({
  name: 'artifact extract',
  usage: '[options] ARTIFACT TARGET|-',
  summary: "Write an artifact's files into a directory, or one of them into a file",
  description: 'To a directory that is there, each under its title; else the one file under the name given; to stdout with -.',
  flags: {
    digest: { kind: 'text', description: 'Only the file of this digest' },
    title: { kind: 'text', description: 'Only the file of this title' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: ['artifact extract registry.example.com/model:1 .', 'artifact extract --title card.md registry.example.com/model:1 -'],
  async run(context, { flags, args }) {
    const [reference = '', target = ''] = args
    const engine = await context.engine()
    const { signal } = context.signals
    const options = { signal, title: flags.title, digest: flags.digest }
    if (target === '-') await writeBytes(engine.artifacts.read(reference, options), context.stdout.stream(), signal)
    else await engine.artifacts.extract(reference, absolute(target), options)
    return 0
  },
})
