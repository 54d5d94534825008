import { type Command, defineCommand } from '../command-line/command.ts'
import { absolute } from '../images/registry-flags.ts'
import { annotationsOf } from '../manifests/member-flags.ts'

/** `podwright artifact add` */
export const artifactAdd: Command = defineCommand({
  name: 'artifact add',
  usage: '[options] NAME FILE [FILE...]',
  summary: 'Make an artifact of files',
  description: 'A file is found in it by the last part of its path. Prints the digest.',
  flags: {
    annotation: { kind: 'words', value: 'NAME=VALUE', description: 'Annotation of each file' },
    append: { kind: 'boolean', short: 'a', description: 'Add to an artifact that there is' },
    'file-type': { kind: 'text', value: 'TYPE', description: 'Media type of each file', defaultText: 'application/octet-stream' },
    replace: { kind: 'boolean', description: 'Take the place of an artifact that has the name' },
    type: { kind: 'text', value: 'TYPE', description: 'Type of the artifact' },
  },
  arguments: { minimum: 2, maximum: Number.POSITIVE_INFINITY },
  examples: ['artifact add registry.example.com/model:1 weights.bin card.md', 'artifact add --append registry.example.com/model:1 LICENSE'],
  async run(context, { flags, args }) {
    const [name = '', ...files] = args
    const engine = await context.engine()
    const { CliError } = await import('../errors.ts')
    if (flags.append === true && flags.replace === true)
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--append and --replace contradict each other')
    const annotations = flags.annotation.length > 0 ? { annotations: annotationsOf(flags.annotation) } : {}
    const added = files.map((file) => ({ content: absolute(file), mediaType: flags['file-type'], ...annotations }))
    const artifact = await engine.artifacts.add(name, added, {
      artifactType: flags.type,
      existing: flags.append === true ? 'append' : flags.replace === true ? 'replace' : 'refuse',
      signal: context.signals.signal,
    })
    context.stdout.write(`${artifact.descriptor.digest}\n`)
    return 0
  },
})
