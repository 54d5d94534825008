import { type Command, defineCommand } from '../command-line/command.ts'
import { containerFlags } from '../containers/container-flags.ts'
import { createContainer } from '../containers/create-container.ts'

/** `podwright create` */
export const create: Command = defineCommand({
  name: 'create',
  usage: '[options] IMAGE [COMMAND [ARG...]]',
  summary: 'Make a container without starting it',
  description: "Prints the container's id. The image is fetched when it is not here.",
  flags: containerFlags,
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['create --name web debian sleep 100'],
  async run(context, { flags, args }) {
    const { id } = await createContainer(context, { flags, args })
    context.stdout.write(`${id}\n`)
    return 0
  },
})
