import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { isAbsence } from '../exit-codes.ts'

/** `podwright wait` */
export const wait: Command = defineCommand({
  name: 'wait',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Wait until containers end and print their exit codes',
  description: 'With --condition, until they are in that state; -1 is printed for one that has not ended.',
  flags: {
    ...latestFlag,
    ignore: { kind: 'boolean', description: 'A container that is not there is no error; -1 is printed for it' },
    condition: {
      kind: 'list',
      value: 'STATE',
      description: 'Wait for this state: created, running, healthy, exited, removed, …; several: for any of them',
      defaultText: 'exited',
      examples: ['created', 'initialized', 'running', 'paused', 'stopped', 'exited', 'removing', 'removed', 'healthy', 'unhealthy'],
    },
    'return-on-first': { kind: 'boolean', description: 'Wait for the first of them alone' },
    interval: {
      kind: 'text',
      short: 'i',
      value: 'TIME',
      description: 'How often to look, for states other than exited',
      defaultText: '250ms',
    },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['wait web', 'wait --condition running web'],
  async run(context, { flags, args }) {
    const wish =
      flags.condition.length > 0 || flags.interval !== undefined
        ? (await import('../containers/keeping/wait-condition.ts')).readWait(flags.condition, flags.interval)
        : undefined
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags })
    const { signal } = context.signals
    const waitFor = async (reference: string): Promise<string> => {
      try {
        if (wish === undefined) return String(await engine.containers.wait(reference, { signal }))
        const { awaitCondition } = await import('../containers/keeping/wait-condition.ts')
        return String(await awaitCondition(engine, reference, wish, { clock: context.clock, signal }))
      } catch (error) {
        if (flags.ignore === true && isAbsence(error)) return '-1'
        throw error
      }
    }
    if (flags['return-on-first'] !== true) return forEachReference(context, references, waitFor)
    context.stdout.write(`${await Promise.race(references.map(waitFor))}\n`)
    return 0
  },
})
