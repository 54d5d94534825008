import { type Command, defineCommand } from '../command-line/command.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import { exitCodes } from '../exit-codes.ts'
import { renderError } from '../render/error.ts'
import { printable } from '../render/printable.ts'
import { printDocuments } from '../render/print-documents.ts'
import { jsonDate } from '../render/moment.ts'
import { secretDocument } from '../secrets/secret-list.ts'
import { CliError } from '../errors.ts'

/** `podwright secret inspect` */
export const secretInspect: Command = defineCommand({
  name: 'secret inspect',
  usage: '[options] SECRET [SECRET...]',
  summary: 'Show what is known of secrets',
  description:
    'Prints a JSON array. What is secret is left out, unless with --showsecret. Exits with 125 when one is not there; what was found is printed all the same.',
  flags: {
    format: shortFormatFlag,
    pretty: { kind: 'boolean', description: 'Print lines for people instead of JSON' },
    showsecret: { kind: 'boolean', description: 'Show what is secret, too' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['secret inspect db-password', "secret inspect -f '{{.Spec.Name}}' db-password", 'secret inspect --showsecret db-password'],
  async run(context, { flags, args }) {
    readFormat(flags.format)
    if (flags.pretty === true && flags.format !== undefined)
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--pretty and --format contradict each other')
    const engine = await context.engine()
    const documents: object[] = []
    let status = 0
    for (const reference of args) {
      try {
        const secret = await engine.secrets.inspect(reference)
        const content = flags.showsecret === true ? Buffer.from(await engine.secrets.reveal(secret.id)).toString() : undefined
        if (flags.pretty !== true) documents.push(secretDocument(secret, content))
        else {
          const lines = [
            ['ID', secret.id],
            ['Name', secret.name],
            [
              'Labels',
              Object.entries(secret.labels)
                .map(([name, value]) => `${name}=${value}`)
                .join(', '),
            ],
            ['Driver', secret.driver],
            ['Created at', jsonDate(secret.createdAt)],
            ['Updated at', jsonDate(secret.updatedAt)],
            ...(content === undefined ? [] : [['Secret', content]]),
          ]
          context.stdout.write(`${lines.map(([title = '', value = '']) => `${`${title}:`.padEnd(19)}${printable(value)}`).join('\n')}\n`)
        }
      } catch (error) {
        context.stderr.write(renderError(error, context.logLevel))
        status = exitCodes.failure
      }
    }
    if (flags.pretty !== true) await printDocuments(context.stdout, documents, { format: flags.format, typeName: 'Secret' })
    return status
  },
})
