import { type Command, defineCommand } from '../command-line/command.ts'
import { exitCodes } from '../exit-codes.ts'

/** `podwright container exists` */
export const containerExists: Command = defineCommand({
  name: 'container exists',
  usage: '[options] CONTAINER',
  summary: 'Tell by the exit status whether a container is here',
  description: '0: it is, running or not; 1: it is not.',
  flags: { external: { kind: 'boolean', description: 'Look at what other programs keep in this store as well: they keep nothing in it' } },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['container exists web'],
  async run(context, { args }) {
    const engine = await context.engine()
    return (await engine.containers.exists(args[0] ?? '')) ? exitCodes.success : exitCodes.negative
  },
})
