import { isPodwrightError } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { exitCodes } from '../exit-codes.ts'

/** `podwright secret exists` */
export const secretExists: Command = defineCommand({
  name: 'secret exists',
  usage: 'SECRET',
  summary: 'Tell by the exit status whether a secret is there',
  description: '0: it is; 1: it is not.',
  flags: {},
  arguments: { minimum: 1, maximum: 1 },
  examples: ['secret exists db-password'],
  async run(context, { args }) {
    const engine = await context.engine()
    try {
      await engine.secrets.inspect(args[0] ?? '')
      return exitCodes.success
    } catch (error) {
      if (isPodwrightError(error, 'ERR_SECRET_NOT_FOUND')) return exitCodes.negative
      throw error
    }
  },
})
