import { type Command, defineCommand } from '../command-line/command.ts'
import { exitCodes } from '../exit-codes.ts'

/** `podwright image exists` */
export const imageExists: Command = defineCommand({
  name: 'image exists',
  usage: 'IMAGE',
  summary: 'Tell by the exit status whether an image is here',
  description: '0: it is; 1: it is not.',
  flags: {},
  arguments: { minimum: 1, maximum: 1 },
  examples: ['image exists debian:12'],
  async run(context, { args }) {
    const engine = await context.engine()
    return (await engine.images.exists(args[0] ?? '')) ? exitCodes.success : exitCodes.negative
  },
})
