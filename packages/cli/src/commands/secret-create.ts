import { readFile } from 'node:fs/promises'
import { messageOf } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { readNamedValues } from '../volumes/named-values.ts'

/** `podwright secret create` */
export const secretCreate: Command = defineCommand({
  name: 'secret create',
  usage: '[options] NAME FILE|-',
  summary: 'Keep a secret for containers',
  description:
    'Takes what is in the file, or comes on stdin, byte for byte, and prints an id. It is kept encrypted, and shown only by secret inspect --showsecret.',
  flags: {
    driver: { kind: 'text', short: 'd', description: 'What keeps it: file, the only one there is', defaultText: 'file' },
    env: { kind: 'boolean', description: 'FILE is the name of a variable, whose value is the secret' },
    label: { kind: 'words', short: 'l', value: 'NAME[=VALUE]', description: 'Set a label' },
    replace: { kind: 'boolean', description: 'In place of the one of that name; containers keep the one that they have' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: ['secret create db-password password.txt', 'secret create --label team=a db-password -', 'secret create --env token API_TOKEN'],
  async run(context, { flags, args }) {
    const [name = '', source = ''] = args
    if (flags.driver !== undefined && flags.driver !== 'file') {
      throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --driver ${flags.driver}: podwright keeps secrets by file alone`)
    }
    const data = flags.env === true ? fromVariable(context, source) : await fromFile(context, source)
    const labels = readNamedValues('--label', flags.label)
    const engine = await context.engine()
    const { id } = await engine.secrets.create({ name, data, labels, replace: flags.replace === true })
    context.stdout.write(`${id}\n`)
    return 0
  },
})

function fromVariable({ env }: CommandContext, name: string): Uint8Array {
  const value = env[name]
  if (value === undefined) throw new CliError('ERR_CLI_FILE', `cannot read the secret: there is no variable ${name}`)
  return Buffer.from(value)
}

async function fromFile(context: CommandContext, path: string): Promise<Uint8Array> {
  try {
    if (path !== '-') return await readFile(path)
    const chunks: Buffer[] = []
    for await (const chunk of context.stdin.stream()) chunks.push(Buffer.from(chunk as Uint8Array))
    return Buffer.concat(chunks)
  } catch (error) {
    throw new CliError('ERR_CLI_FILE', `cannot read the secret: ${messageOf(error)}`, { cause: error, details: { path } })
  }
}
