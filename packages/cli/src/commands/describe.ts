import type { ContainerDetails, Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { imageOf } from '../containers/describe/image-of.ts'
import { ownOptions } from '../containers/describe/own-options.ts'
import { runWords } from '../containers/describe/run-words.ts'
import { specOf } from '../containers/describe/spec-of.ts'
import { shellLine } from '../containers/describe/words.ts'
import { renderJson } from '../render/json.ts'

/** `podwright describe` */
export const describe: Command = defineCommand({
  name: 'describe',
  usage: '[options] CONTAINER',
  summary: 'Print the command that makes a container again',
  description:
    'With everything that differs from its image and the defaults, as a shell reads it; changes by update and rename are in it. With --as spec, the OCI runtime config that it was started with last.',
  flags: {
    as: {
      kind: 'text',
      value: 'KIND',
      description: 'run or create: a command line; spec: a runtime config',
      defaultText: 'run',
      choices: ['run', 'create', 'spec'],
    },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['describe web', 'describe --as spec web'],
  async run(context, { flags, args: [reference = ''] }) {
    const engine = await context.engine()
    const container = await engine.containers.inspect(reference)
    const { as: kind = 'run' } = flags
    context.stdout.write(kind === 'spec' ? renderJson(specOf(container)) : `${await commandOf(engine, container, kind)}\n`)
    return 0
  },
})

async function commandOf(engine: Engine, container: ContainerDetails, kind: string): Promise<string> {
  const options = ownOptions(container, await imageOf(engine, container))
  const detach = kind === 'run' && wasDetached(container) ? ['--detach'] : []
  return shellLine(['podwright', kind, ...detach, ...runWords(options)])
}

/** Whoever made it did not wait for its end. */
function wasDetached({ options: { createCommand = [] } }: ContainerDetails): boolean {
  return createCommand.includes('create') || createCommand.some((word) => word === '--detach' || /^-[a-zA-Z]*d[a-zA-Z]*$/.test(word))
}
