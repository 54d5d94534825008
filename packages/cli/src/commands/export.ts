import { type Command, defineCommand } from '../command-line/command.ts'
import { writeBytes } from '../images/write-bytes.ts'
import { archiveOutput } from '../images/archive-output.ts'

/** `podwright export` */
export const exportCommand: Command = defineCommand({
  name: 'export',
  usage: '[options] CONTAINER',
  summary: "Write a container's file system as a tar",
  description: 'Without what is mounted in it. The container may be running or not.',
  flags: {
    output: { kind: 'text', short: 'o', value: 'FILE', description: 'Write into this file', defaultText: 'stdout' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['export -o web.tar web'],
  async run(context, { flags, args }) {
    const output = archiveOutput(context, flags.output)
    const engine = await context.engine()
    const { signal } = context.signals
    await writeBytes(engine.containers.export(args[0] ?? '', { signal }), output, signal)
    return 0
  },
})
