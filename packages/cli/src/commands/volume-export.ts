import { type Command, defineCommand } from '../command-line/command.ts'
import { archiveOutput } from '../images/archive-output.ts'
import { writeBytes } from '../images/write-bytes.ts'

/** `podwright volume export` */
export const volumeExport: Command = defineCommand({
  name: 'volume export',
  usage: '[options] VOLUME',
  summary: 'Write what is in a volume as a tar',
  description: 'To stdout, unless that is a terminal, or into a file, which is there under its name once it is whole.',
  flags: {
    output: { kind: 'text', short: 'o', value: 'FILE', description: 'Write into this file', defaultText: 'stdout' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['volume export -o data.tar data', 'volume export data'],
  async run(context, { flags, args }) {
    const output = archiveOutput(context, flags.output)
    const engine = await context.engine()
    const { signal } = context.signals
    const { name } = await engine.volumes.inspect(args[0] ?? '')
    await writeBytes(engine.volumes.export(name, { signal }), output, signal)
    return 0
  },
})
