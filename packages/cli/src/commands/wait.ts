import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { isAbsence } from '../exit-codes.ts'

/** `podwright wait` */
export const wait: Command = defineCommand({
  name: 'wait',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Wait until containers end and print their exit codes',
  flags: {
    ...latestFlag,
    ignore: { kind: 'boolean', description: 'A container that is not there is no error; -1 is printed for it' },
    interval: { kind: 'text', short: 'i', description: 'Understood and not needed: the end is noticed as it comes', hidden: true },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['wait web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      try {
        return String(await engine.containers.wait(reference, { signal }))
      } catch (error) {
        if (flags.ignore === true && isAbsence(error)) return '-1'
        throw error
      }
    })
  },
})
