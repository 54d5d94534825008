import type { HostFinding } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag, readFormat } from '../command-line/format-flag.ts'
import type { Output } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { printDocuments } from '../render/print-documents.ts'
import { wrap } from '../render/wrap.ts'

/** `podwright doctor` */
export const doctor: Command = defineCommand({
  name: 'doctor',
  usage: '[options]',
  summary: 'Tell what this host can and cannot do, and how to fix it',
  description: 'Exits with 1 when something is wrong that keeps containers from running.',
  flags: { format: formatFlag },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['doctor', 'doctor --format json'],
  async run(context, { flags }) {
    const format = readFormat(flags.format)
    const engine = await context.engine()
    const findings = await engine.system.doctor({ signal: context.signals.signal })
    if (format === 'table') context.stdout.write(renderFindings(findings, context.stdout))
    else await printDocuments(context.stdout, findings, { format: flags.format, typeName: 'Finding' })
    return findings.some(({ status }) => status === 'error') ? exitCodes.negative : exitCodes.success
  },
})

/** The mark of each status and its colour (ECMA-48, SGR). */
const marks: Readonly<Record<HostFinding['status'], readonly [string, number]>> = {
  ok: ['ok', 32],
  info: ['info', 36],
  warning: ['warning', 33],
  error: ['error', 31],
}

const markWidth = 9

function renderFindings(findings: readonly HostFinding[], output: Output): string {
  const titleWidth = Math.max(0, ...findings.map(({ title }) => title.length))
  const counts = (['error', 'warning'] as const).map((status) => ({
    status,
    count: findings.filter((one) => one.status === status).length,
  }))
  const lines = findings.map((finding) => renderFinding(finding, titleWidth, output))
  return `${lines.join('')}\n${counts.map(({ status, count }) => `${count} ${status}${count === 1 ? '' : 's'}`).join(', ')}\n`
}

function renderFinding({ status, title, found, fix }: HostFinding, titleWidth: number, { isColorful, columns }: Output): string {
  const [mark, color] = marks[status]
  const padded = mark.padEnd(markWidth)
  const indent = markWidth + titleWidth + 2
  const width = Math.max(20, columns - indent)
  const first = `${isColorful ? `\u001b[${color}m${padded}\u001b[0m` : padded}${title.padEnd(titleWidth + 2)}${wrap(found, { width, indent })}\n`
  // Commands to type stay on their lines, so that they can be copied.
  const fixLines =
    fix === undefined ? [] : fix.split('\n').map((line, index) => `${' '.repeat(markWidth)}${index === 0 ? 'fix: ' : '     '}${line}\n`)
  return first + fixLines.join('')
}
