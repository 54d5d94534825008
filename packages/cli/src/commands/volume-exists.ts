import { type Command, defineCommand } from '../command-line/command.ts'
import { exitCodes, isAbsence } from '../exit-codes.ts'

/** `podwright volume exists` */
export const volumeExists: Command = defineCommand({
  name: 'volume exists',
  usage: 'VOLUME',
  summary: 'Tell by the exit status whether a volume is there',
  description: '0: it is; 1: it is not.',
  flags: {},
  arguments: { minimum: 1, maximum: 1 },
  examples: ['volume exists data'],
  async run(context, { args }) {
    const engine = await context.engine()
    try {
      await engine.volumes.inspect(args[0] ?? '')
      return exitCodes.success
    } catch (error) {
      if (isAbsence(error)) return exitCodes.negative
      throw error
    }
  },
})
