import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import { historyList, shownStepId } from '../images/history-rows.ts'
import { printList } from '../render/print-list.ts'

/** `podwright history` */
export const history: Command = defineCommand({
  name: 'history',
  usage: '[options] IMAGE',
  summary: 'Show how an image was made',
  description: 'The newest step comes first.',
  flags: {
    format: formatFlag,
    human: { kind: 'boolean', short: 'H', description: 'Show sizes and dates as people read them', defaultText: 'true' },
    'no-trunc': { kind: 'boolean', description: 'Show ids and commands whole' },
    quiet: { kind: 'boolean', short: 'q', description: 'Print only ids' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['history debian:12', 'history --no-trunc --format json debian:12'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const steps = await engine.images.history(args[0] ?? '', { signal: context.signals.signal })
    const view = { now: context.clock.now(), whole: flags['no-trunc'] === true, human: flags.human !== false }
    // Each step has its line, also where its id is as little known as the one before.
    if (flags.quiet === true && flags.format === undefined)
      context.stdout.write(steps.map((step) => `${shownStepId(step, view)}\n`).join(''))
    else await printList(context.stdout, steps, historyList(view), flags)
    return 0
  },
})
