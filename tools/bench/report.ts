import type { BenchCase } from './cases.ts'
import { type CaseResult, median } from './measure.ts'
import type { IdleProcess } from './memory.ts'

/** Everything that a run of the benchmark found. */
export interface BenchReport {
  readonly cases: readonly CaseResult[]
  /** Bytes by contender. */
  readonly peakPullMemory: Readonly<Record<string, number>>
  /** What one more idle container keeps in memory, by contender. */
  readonly idle: Readonly<Record<string, readonly IdleProcess[]>>
}

/** A target with what was reached. */
export interface TargetResult {
  readonly title: string
  readonly reached: number
  readonly limit: number
  readonly ok: boolean
}

const subject = 'podwright'

/** podwright's median over another contender's; undefined when one of them has none. */
export function ratioTo(result: CaseResult, other: string): number | undefined {
  const medianOf = (name: string): number | undefined => {
    const found = result.samples.find(({ contender }) => contender === name)
    return found === undefined || found.milliseconds.length === 0 ? undefined : median(found.milliseconds)
  }
  const [own, theirs] = [medianOf(subject), medianOf(other)]
  return own === undefined || theirs === undefined ? undefined : own / theirs
}

/** The largest sum of memory that a pull may take, in bytes. */
const pullMemoryLimit = 200 * 1000 * 1000

/** The targets that could be looked at in this run. */
export function targetsOf(report: BenchReport, cases: readonly BenchCase[]): readonly TargetResult[] {
  const ratios = report.cases.flatMap((result): TargetResult[] => {
    const target = cases.find(({ name }) => name === result.name)?.target
    const reached = target && ratioTo(result, target.to)
    if (target === undefined || reached === undefined) return []
    return [{ title: `${result.title}, to ${target.to}`, reached, limit: target.ratio, ok: reached <= target.ratio }]
  })
  const peak = report.peakPullMemory[subject]
  const memory =
    peak === undefined
      ? []
      : [{ title: 'peak memory of the pull, MB', reached: peak / 1e6, limit: pullMemoryLimit / 1e6, ok: peak <= pullMemoryLimit }]
  const idle = report.idle[subject]
  const others = idle?.filter(({ command }) => command !== 'conmon')
  const resident =
    others === undefined
      ? []
      : [{ title: 'processes of ours per idle container, besides conmon', reached: others.length, limit: 0, ok: others.length === 0 }]
  return [...ratios, ...memory, ...resident]
}

/** The whole report as text. */
export function renderReport(report: BenchReport, cases: readonly BenchCase[]): string {
  const names = [...new Set(report.cases.flatMap(({ samples }) => samples.map(({ contender }) => contender)))]
  const head = ['median, ms', ...names, ...names.filter((name) => name !== subject).map((name) => `/ ${name}`)]
  const rows = report.cases.map((result) => [result.title, ...names.map((name) => medianText(result, name)), ...ratioTexts(result, names)])
  const memory = Object.entries(report.peakPullMemory).map(([name, bytes]) => [name, `${(bytes / 1e6).toFixed(0)} MB`])
  const idle = Object.entries(report.idle).map(([name, processes]) => [name, idleText(processes)])
  const targets = targetsOf(report, cases).map(({ title, reached, limit, ok }) => [
    title,
    reached.toFixed(2),
    `≤ ${limit}`,
    ok ? 'met' : 'MISSED',
  ])
  const failures = report.cases.flatMap(({ title, failures: failed }) =>
    failed.map(({ contender, reason }) => `${contender}, ${title}: ${reason}`),
  )
  return [
    table([head, ...rows]),
    `Peak memory of the pull, all processes of the command together\n${table(memory)}`,
    `Resident for one more idle container\n${table(idle)}`,
    `Targets\n${table(targets)}`,
    ...(failures.length > 0 ? [`Could not be measured\n${failures.join('\n')}`] : []),
  ].join('\n\n')
}

function medianText({ samples }: CaseResult, name: string): string {
  const found = samples.find(({ contender }) => contender === name)
  return found === undefined ? '-' : median(found.milliseconds).toFixed(1)
}

function ratioTexts(result: CaseResult, names: readonly string[]): string[] {
  return names.filter((name) => name !== subject).map((name) => ratioTo(result, name)?.toFixed(2) ?? '-')
}

function idleText(processes: readonly IdleProcess[]): string {
  if (processes.length === 0) return 'nothing'
  return processes.map(({ command, bytes }) => `${command} ${(bytes / 1e6).toFixed(1)} MB`).join(', ')
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '))
    .join('\n')
}
