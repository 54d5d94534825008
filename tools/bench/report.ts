import type { BenchCase } from './bench-case.ts'
import type { IdleProcess } from './idle.ts'
import { type CaseResult, median, type Samples } from './measure.ts'
import { curvature, type GrowthResult } from './measure-growth.ts'

/** Everything that a run of the benchmark found. */
export interface BenchReport {
  readonly cases: readonly CaseResult[]
  readonly growth: readonly GrowthResult[]
  /** What one more idle container keeps in memory, by contender. */
  readonly idle: Readonly<Record<string, readonly IdleProcess[]>>
  /** What `idleContainers` idle containers keep in memory, with whoever serves them, by contender. Bytes. */
  readonly manyIdle: Readonly<Record<string, number>>
}

/** How many are started to see what many keep. */
export const idleContainers = 50

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
    const found = samplesOf(result, name)
    return found === undefined || found.milliseconds.length === 0 ? undefined : median(found.milliseconds)
  }
  const [own, theirs] = [medianOf(subject), medianOf(other)]
  return own === undefined || theirs === undefined ? undefined : own / theirs
}

function samplesOf({ samples }: CaseResult, name: string): Samples | undefined {
  return samples.find(({ contender }) => contender === name)
}

/** The largest sum of memory that any work on images may take, in bytes. */
const memoryLimit = 200 * 1000 * 1000

/** What `curvature` may come to: on a shared machine, a step of a linear cost varies by as much. */
const curvatureLimit = 1.5

/** The targets that could be looked at in this run. */
export function targetsOf(report: BenchReport, cases: readonly BenchCase[]): readonly TargetResult[] {
  const ratios = report.cases.flatMap((result) =>
    (cases.find(({ name }) => name === result.name)?.targets ?? []).flatMap(({ to, ratio }) => {
      const reached = ratioTo(result, to)
      return reached === undefined ? [] : [target(`${result.title}, to ${to}`, reached, ratio)]
    }),
  )
  const memory = report.cases.flatMap((result) => {
    const peak = samplesOf(result, subject)?.peakBytes
    return peak === undefined ? [] : [target(`peak memory, MB: ${result.title}`, peak / 1e6, memoryLimit / 1e6)]
  })
  const growth = report.growth.flatMap((result) => {
    const found = curvature(result)
    return found === undefined ? [] : [target(`linear growth: ${result.title}`, found, curvatureLimit)]
  })
  const others = report.idle[subject]?.filter(({ command }) => command !== 'conmon')
  const resident = others === undefined ? [] : [target('processes of ours per idle container, besides conmon', others.length, 0)]
  const many = Object.entries(manyIdleLimits).flatMap(([other, limit]) => {
    const [own, theirs] = [report.manyIdle[subject], report.manyIdle[other]]
    return own === undefined || theirs === undefined
      ? []
      : [target(`memory of ${idleContainers} idle containers, to ${other}`, own / theirs, limit)]
  })
  return [...ratios, ...memory, ...growth, ...resident, ...many]
}

const manyIdleLimits: Readonly<Record<string, number>> = { podman: 1, docker: 0.1 }

function target(title: string, reached: number, limit: number): TargetResult {
  return { title, reached, limit, ok: reached <= limit }
}

/** The whole report as text. */
export function renderReport(report: BenchReport, cases: readonly BenchCase[]): string {
  const names = [...new Set(report.cases.flatMap(({ samples }) => samples.map(({ contender }) => contender)))]
  const others = names.filter((name) => name !== subject)
  const head = ['median, ms', ...names, ...others.map((name) => `/ ${name}`)]
  const rows = report.cases.map((result) => [
    result.title,
    ...names.map((name) => medianText(result, name)),
    ...others.map((name) => ratioTo(result, name)?.toFixed(2) ?? '-'),
  ])
  const targets = targetsOf(report, cases).map(({ title, reached, limit, ok }) => [
    title,
    reached.toFixed(2),
    `≤ ${limit}`,
    ok ? 'met' : 'MISSED',
  ])
  return [
    table([head, ...rows]),
    section('Peak memory, all processes of the command together', memoryRows(report, names)),
    section('How the cost grows', report.growth.map(growthRow)),
    section(
      'Resident for one more idle container',
      Object.entries(report.idle).map(([name, processes]) => [name, idleText(processes)]),
    ),
    section(
      `Resident for ${idleContainers} idle containers, with whoever serves them`,
      Object.entries(report.manyIdle).map(([name, bytes]) => [name, `${(bytes / 1e6).toFixed(0)} MB`]),
    ),
    section('Targets', targets),
    section('Could not be measured', failureRows(report)),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}\n${table(rows)}`
}

function memoryRows({ cases }: BenchReport, names: readonly string[]): string[][] {
  const measured = cases.filter(({ samples }) => samples.some(({ peakBytes }) => peakBytes !== undefined))
  const shown = names.filter((name) => measured.some((result) => samplesOf(result, name)?.peakBytes !== undefined))
  if (measured.length === 0) return []
  const megabytes = (result: CaseResult, name: string): string => {
    const bytes = samplesOf(result, name)?.peakBytes
    return bytes === undefined ? '-' : (bytes / 1e6).toFixed(0)
  }
  return [['MB', ...shown], ...measured.map((result) => [result.title, ...shown.map((name) => megabytes(result, name))])]
}

function growthRow(result: GrowthResult): string[] {
  const steps = result.steps.map(({ size, milliseconds }) => `${size}: ${median(milliseconds).toFixed(0)} ms`)
  return [result.title, steps.join(', '), curvature(result)?.toFixed(2) ?? '-']
}

function failureRows({ cases, growth }: BenchReport): string[][] {
  const ofCases = cases.flatMap(({ title, failures }) => failures.map(({ contender, reason }) => [`${contender}, ${title}: ${reason}`]))
  return [...ofCases, ...growth.flatMap(({ title, failure }) => (failure === undefined ? [] : [[`${title}: ${failure}`]]))]
}

function medianText(result: CaseResult, name: string): string {
  const found = samplesOf(result, name)
  return found === undefined ? '-' : median(found.milliseconds).toFixed(1)
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
