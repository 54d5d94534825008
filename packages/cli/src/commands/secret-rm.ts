import { isPodwrightError } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { CliError } from '../errors.ts'

/** `podwright secret rm` */
export const secretRm: Command = defineCommand({
  name: 'secret rm',
  usage: '[options] SECRET [SECRET...]',
  summary: 'Forget secrets',
  description: 'Containers that have one keep it until they are removed.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Forget every secret' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    ignore: { kind: 'boolean', short: 'i', description: 'One that is not there is no error' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['secret rm db-password', 'secret rm --all'],
  async run(context, { flags, args }) {
    const { all = false, ignore = false } = flags
    if (all === args.length > 0)
      throw new CliError('ERR_CLI_ARGUMENTS', all ? 'name secrets, or give --all: one of them' : 'no secret is named')
    const engine = await context.engine()
    const references = all ? (await engine.secrets.list()).map(({ id }) => id) : args
    const remove = async (reference: string): Promise<string> =>
      flags['dry-run'] === true ? `Would remove ${(await engine.secrets.inspect(reference)).id}` : engine.secrets.remove(reference)
    return forEachReference(context, references, remove, {
      ignore: (error) => ignore && isPodwrightError(error, 'ERR_SECRET_NOT_FOUND'),
    })
  },
})
