import type { EngineCheck, EngineFinding } from '@podwright/contracts'
import type { Output } from '../context.ts'
import { printable } from '../render/printable.ts'
import { counted } from './counted.ts'

/** The mark of a finding and its colour (ECMA-48, SGR). */
type Mark = readonly [text: string, color: number]

const markWidth = 9

/** What a check found, for people: the damage first. */
export function renderCheck(
  report: EngineCheck,
  output: Output,
  { repair = false }: { readonly repair?: boolean | undefined } = {},
): string {
  const damage = report.findings.filter(({ kind }) => kind !== 'garbage')
  const garbage = report.findings.filter(({ kind }) => kind === 'garbage')
  const lines = [...damage, ...garbage].map((finding) => renderFinding(finding, output))
  return `${lines.join('')}${lines.length > 0 ? '\n' : ''}${summary(report, result(damage, garbage, repair))}\n`
}

/** What a check found, for programs. */
export function checkRecord({ findings, healthy, ...counts }: EngineCheck): object {
  return { healthy, ...counts, findings }
}

/** Nothing is wrapped: digests, paths and commands are there to be copied, and lines to be searched for. */
function renderFinding(finding: EngineFinding, { isColorful }: Output): string {
  const { kind, subject, reason, action, pull } = finding
  const [mark, color] = markOf(finding)
  const padded = mark.padEnd(markWidth)
  const lines = [`${kind === 'garbage' ? '' : `${kind}: `}${printable(subject)}: ${printable(reason)}`, action, ...pullLine(finding, pull)]
  const indent = ' '.repeat(markWidth)
  return `${isColorful ? `\u001b[${color}m${padded}\u001b[0m` : padded}${lines.join(`\n${indent}`)}\n`
}

/** The command that would bring it back. */
function pullLine({ state }: EngineFinding, [first]: readonly string[]): readonly string[] {
  return state === 'pull' && first !== undefined ? [`podwright pull ${printable(first)}`] : []
}

function markOf({ kind, state }: EngineFinding): Mark {
  if (state === 'repaired') return ['mended', 32]
  return kind === 'garbage' ? ['garbage', 36] : ['damage', 31]
}

function summary(report: EngineCheck, found: string): string {
  const { images, layers, blobs, containers, volumes } = report
  const checked = [
    counted(images, 'image'),
    counted(layers, 'layer'),
    counted(blobs, 'blob'),
    counted(containers, 'container'),
    counted(volumes, 'volume'),
  ]
  return `Checked ${checked.join(', ')}: ${found}.`
}

function result(damage: readonly EngineFinding[], garbage: readonly EngineFinding[], repair: boolean): string {
  const left = damage.filter(({ state }) => state !== 'repaired')
  const mended = damage.length - left.length
  const found = left.length === 0 ? 'no damage' : `${left.length} damaged`
  return [
    mended === 0 ? found : `${mended} mended, ${left.length === 0 ? 'no damage left' : found}`,
    ...(garbage.length > 0 ? [`${counted(garbage.length, 'leftover')} of interrupted commands`] : []),
    ...(!repair && left.some(({ state }) => state !== 'pull') ? ["'podwright system check --repair' mends or removes it"] : []),
  ].join('; ')
}
