import { messageOf } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { CliError } from '../errors.ts'

/** `podwright commit` */
export const commit: Command = defineCommand({
  name: 'commit',
  usage: '[options] CONTAINER [IMAGE]',
  summary: 'Make an image of what a container has changed',
  description:
    "The container may be running or not; --pause freezes its processes meanwhile, where the host has control groups. Prints the new image's id.",
  flags: {
    author: { kind: 'text', short: 'a', description: 'Who made it' },
    change: {
      kind: 'words',
      short: 'c',
      value: 'INSTRUCTION',
      description: 'Apply an instruction of a Containerfile: CMD, ENV, EXPOSE, LABEL, …',
    },
    format: {
      kind: 'text',
      short: 'f',
      description: "How to write the image's documents: oci or docker",
      defaultText: 'oci',
      choices: ['oci', 'docker'],
    },
    iidfile: { kind: 'text', value: 'FILE', description: "Write the image's id into this file" },
    message: { kind: 'text', short: 'm', description: 'Comment for the history' },
    pause: { kind: 'boolean', short: 'p', description: 'Freeze the container meanwhile', defaultText: 'false' },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
    squash: { kind: 'boolean', short: 's', description: "Make one layer of the image's and the new one" },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['commit web app:2', "commit -m 'with tools' -c 'CMD [\"bash\"]' web app:2", 'commit --squash web app:flat'],
  async run(context, { flags, args }) {
    const [reference = '', name] = args
    const engine = await context.engine()
    const { id } = await engine.containers.commit(reference, {
      name,
      author: flags.author,
      message: flags.message,
      changes: flags.change,
      pause: flags.pause,
      squash: flags.squash,
      format: flags.format === 'docker' ? 'docker' : 'oci',
      signal: context.signals.signal,
    })
    const shown = id.slice(id.indexOf(':') + 1)
    if (flags.iidfile !== undefined) writeId(flags.iidfile, shown)
    context.stdout.write(`${shown}\n`)
    return 0
  },
})

function writeId(path: string, id: string): void {
  try {
    process.getBuiltinModule('node:fs').writeFileSync(path, id)
  } catch (cause) {
    throw new CliError('ERR_CLI_FILE', `cannot write the id to ${path}: ${messageOf(cause)}`, { cause })
  }
}
