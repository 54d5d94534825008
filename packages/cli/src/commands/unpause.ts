import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, shortTargetFlags } from '../containers/targets.ts'

/** `podwright unpause` */
export const unpause: Command = defineCommand({
  name: 'unpause',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Let the processes of paused containers go on',
  flags: { ...shortTargetFlags, all: { kind: 'boolean', short: 'a', description: 'Unpause every paused container' } },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['unpause web', 'unpause --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.status === 'paused' })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      await engine.containers.unpause(reference, { signal })
      return reference
    })
  },
})
