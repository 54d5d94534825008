import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, shortTargetFlags } from '../containers/targets.ts'

/** `podwright pause` */
export const pause: Command = defineCommand({
  name: 'pause',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Keep the processes of containers from running',
  description:
    "They go on with unpause, and end by stop, rm --force and kill, as those that run do. It takes control groups, which a plain user's containers do not have.",
  flags: { ...shortTargetFlags, all: { kind: 'boolean', short: 'a', description: 'Pause every running container' } },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['pause web', 'pause --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.status === 'running' })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      await engine.containers.pause(reference, { signal })
      return reference
    })
  },
})
