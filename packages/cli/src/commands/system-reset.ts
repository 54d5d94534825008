import type { ResetReport } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { counted } from '../system/counted.ts'
import { confirm } from '../terminal/ask.ts'

/** `podwright system reset` */
export const systemReset: Command = defineCommand({
  name: 'system reset',
  usage: '[options]',
  summary: 'Remove everything: containers, images, volumes, and the store itself',
  description:
    "Ends every container first. Files in the store's directories that are not podwright's stay, and no link is followed out of them. Configuration and logins stay.",
  flags: {
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    force: { kind: 'boolean', short: 'f', description: 'Do not ask' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['system reset', 'system reset --dry-run', 'system reset --force'],
  async run(context, { flags }) {
    const { 'dry-run': dryRun = false } = flags
    const { signal } = context.signals
    const engine = await context.engine()
    if (flags.force !== true && !dryRun) {
      const question = `This removes for good\n${reportLines(await engine.system.reset({ dryRun: true, signal }), '  - ', '')}Go on?`
      if (!(await confirm(context, question))) return 0
    }
    const report = await engine.system.reset({ dryRun, signal })
    context.stdout.write(reportLines(report, dryRun ? 'Would remove ' : 'Removed ', dryRun ? 'Would leave ' : 'Left '))
    return 0
  },
})

/** Without a word before them, what stays is left out. */
function reportLines({ containers, images, volumes, directories, kept }: ResetReport, gone: string, left: string): string {
  const things = [counted(containers, 'container'), counted(images, 'image'), counted(volumes, 'volume')].join(', ')
  const lines = [`${gone}${things}`, ...directories.map((path) => `${gone}${path}`)]
  const others = left === '' ? [] : kept.map((path) => `${left}${path}, which is not podwright's`)
  return [...lines, ...others].map((line) => `${line}\n`).join('')
}
