import { type Command, defineCommand } from '../command-line/command.ts'

/** `podwright rename` */
export const rename: Command = defineCommand({
  name: 'rename',
  usage: 'CONTAINER NEW-NAME',
  summary: 'Give a container another name',
  description: 'It may run meanwhile. What runs in it finds the old name in /etc/hosts until it is started again.',
  flags: {},
  arguments: { minimum: 2, maximum: 2 },
  examples: ['rename web web-old'],
  async run(context, { args }) {
    const [reference = '', newName = ''] = args
    const engine = await context.engine()
    await engine.containers.rename(reference, newName, { signal: context.signals.signal })
    return 0
  },
})
