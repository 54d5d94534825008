import { type Command, defineCommand } from '../command-line/command.ts'
import { parseMoment } from '../command-line/time-flag.ts'
import { exitCodes } from '../exit-codes.ts'
import { renderJson } from '../render/json.ts'
import { checkRecord, renderCheck } from '../system/check-text.ts'

/** `podwright system check` */
export const systemCheck: Command = defineCommand({
  name: 'system check',
  usage: '[options]',
  summary: 'Look for damage in the store, and mend it',
  description:
    'Reads every blob and compares every layer with it, looks after containers and volumes, and finds what interrupted commands left. Exits with 1 when something is damaged and, with --repair, was lost or has to be pulled; what interrupted commands left is no damage.',
  flags: {
    format: { kind: 'text', value: 'json', description: 'How to print what is found: json', choices: ['json'] },
    max: {
      kind: 'text',
      short: 'm',
      value: 'AGE',
      description: 'What interrupted commands left is found when it is older than this',
      defaultText: '10m',
    },
    quick: { kind: 'boolean', short: 'q', description: 'Read no blob and no layer: look only at what sizes and records tell' },
    repair: {
      kind: 'boolean',
      short: 'r',
      description: 'Mend what can be mended, and remove what leads nowhere and what interrupted commands left',
    },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['system check', 'system check --quick --format json', 'system check --repair'],
  async run(context, { flags }) {
    const now = context.clock.now()
    const minAgeMs = flags.max === undefined ? undefined : now - parseMoment('--max', flags.max, now).getTime()
    const engine = await context.engine()
    const { quick, repair } = flags
    const report = await engine.system.check({ quick, repair, minAgeMs, signal: context.signals.signal })
    context.stdout.write(flags.format === 'json' ? renderJson(checkRecord(report)) : renderCheck(report, context.stdout, { repair }))
    return report.healthy ? exitCodes.success : exitCodes.negative
  },
})
