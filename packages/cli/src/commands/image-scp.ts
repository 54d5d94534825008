import { type Command, defineCommand } from '../command-line/command.ts'
import { CliError } from '../errors.ts'
import { loadOverSsh, saveOverSsh } from '../images/over-ssh.ts'

/** `podwright image scp` */
export const imageScp: Command = defineCommand({
  name: 'image scp',
  usage: '[options] [HOST::]IMAGE [HOST::]',
  summary: 'Send an image to, or fetch one from, another host by ssh',
  description:
    'HOST is what ssh takes: [USER@]NAME, or a Host of ~/.ssh/config. podwright must be there, else podman or docker. What the other side says of what it loaded is printed.',
  flags: {
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['image scp app:1 alice@example.com::', 'image scp example.com::app:1'],
  async run(context, { flags, args }) {
    const [source, destination] = args.map(placeOf)
    const engine = await context.engine()
    const quiet = flags.quiet === true
    if (source?.host !== undefined && source.image !== '' && destination === undefined) {
      return loadOverSsh(context, engine, { host: source.host, image: source.image, quiet })
    }
    if (source?.host === undefined && source?.image !== undefined && destination?.host !== undefined && destination.image === '') {
      return saveOverSsh(context, engine, { host: destination.host, image: source.image, quiet })
    }
    throw new CliError('ERR_CLI_ARGUMENTS', 'one side is here, and the other is HOST::', {
      hint: 'To send: image scp IMAGE HOST::   To fetch: image scp HOST::IMAGE',
    })
  },
})

function placeOf(text: string): { readonly host: string | undefined; readonly image: string } {
  const at = text.indexOf('::')
  return at < 0 ? { host: undefined, image: text } : { host: text.slice(0, at), image: text.slice(at + 2) }
}
