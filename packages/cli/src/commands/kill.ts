import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { sendSignal } from '../containers/send-signal.ts'
import { findTargets, latestFlag, targetFlags } from '../containers/targets.ts'

/** `podwright kill` */
export const kill: Command = defineCommand({
  name: 'kill',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Send a signal to running containers',
  flags: {
    ...latestFlag,
    cidfile: targetFlags.cidfile,
    all: { kind: 'boolean', short: 'a', description: 'Signal every running container' },
    signal: { kind: 'text', short: 's', value: 'SIGNAL', description: 'Name or number of the signal', defaultText: 'KILL' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['kill web', 'kill -s HUP web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.pid !== 0 })
    return forEachReference(context, references, async (reference) => {
      await sendSignal(engine, reference, flags.signal ?? 'SIGKILL')
      return reference
    })
  },
})
