import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { isAbsence } from '../exit-codes.ts'

/** `podwright container cleanup` */
export const containerCleanup: Command = defineCommand({
  name: 'container cleanup',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Record the end of containers and give back what they held',
  description: 'Nobody needs to call this: every command does it for what it comes across.',
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Clean up after every container that ended' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['container cleanup web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.status === 'exited' })
    const cleanUp = async (reference: string): Promise<undefined> => {
      await engine.containers.cleanup(reference, { signal: context.signals.signal })
    }
    // Whoever was faster may have removed it.
    return forEachReference(context, references, cleanUp, { ignore: isAbsence })
  },
})
