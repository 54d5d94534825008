import { type Command, defineCommand } from '../command-line/command.ts'
import { CliError } from '../errors.ts'
import { absolute } from '../images/registry-flags.ts'

/** `podwright logout` */
export const logout: Command = defineCommand({
  name: 'logout',
  usage: '[options] [REGISTRY]',
  summary: 'Log out from a registry',
  description: 'Without a registry, docker.io is meant. The credentials are forgotten wherever they are kept.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Log out from every registry' },
    authfile: { kind: 'text', value: 'FILE', description: 'File that the credentials are in, in the form of auth.json' },
  },
  arguments: { minimum: 0, maximum: 1 },
  examples: ['logout registry.example.com', 'logout --all'],
  async run({ engine, stdout, signals }, { flags, args }) {
    const [named] = args
    if (flags.all === true && named !== undefined) throw new CliError('ERR_CLI_FLAG_CONFLICT', '--all means every registry: name none')
    const registry = flags.all === true ? undefined : (named ?? 'docker.io').replace(/^(?:https?|docker):\/\//, '').replace(/\/+$/, '')
    const authFile = flags.authfile === undefined ? undefined : absolute(flags.authfile)
    const removed = await (await engine()).registries.logout(registry, { authFile, signal: signals.signal })
    if (removed.length === 0 && registry !== undefined) throw new CliError('ERR_CLI_NOT_FOUND', `not logged in at ${registry}`)
    stdout.write(registry === undefined ? 'Removed login credentials for all registries\n' : `Removed login credentials for ${registry}\n`)
    return 0
  },
})
