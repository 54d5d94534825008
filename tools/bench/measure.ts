import type { BenchCase } from './cases.ts'
import { type Contender, time } from './contender.ts'

/** The times of one contender in one case, in the order of the rounds. */
export interface Samples {
  readonly contender: string
  readonly milliseconds: readonly number[]
}

/** What a case found. */
export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly samples: readonly Samples[]
  /** Contenders that could not do it, with the reason. */
  readonly failures: readonly { readonly contender: string; readonly reason: string }[]
}

/**
 * Times the contenders of a case in turn, round by round and each round from another one on, so that whatever else the machine does falls on all of
 * them alike. The first round warms up and isn't counted.
 */
export function measureCase(
  bench: BenchCase,
  contenders: readonly Contender[],
  rounds: number,
  onRound: (round: number) => void,
): CaseResult {
  const failures = new Map<string, string>()
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  const attempt = (contender: Contender, step: () => void): void => {
    if (failures.has(contender.name)) return
    try {
      step()
    } catch (error) {
      failures.set(contender.name, error instanceof Error ? error.message : String(error))
    }
  }
  for (const contender of contenders) attempt(contender, () => bench.prepare?.(contender))
  for (let round = 0; round <= rounds; round++) {
    onRound(round)
    for (const contender of rotate(contenders, round))
      attempt(contender, () => timeOnce(bench, contender, round, times.get(contender.name)!))
  }
  for (const contender of contenders) attempt(contender, () => bench.cleanUp?.(contender))
  return {
    name: bench.name,
    title: bench.title,
    samples: [...times]
      .map(([contender, milliseconds]) => ({ contender, milliseconds }))
      .filter(({ contender }) => !failures.has(contender)),
    failures: [...failures].map(([contender, reason]) => ({ contender, reason })),
  }
}

function timeOnce(bench: BenchCase, contender: Contender, round: number, into: number[]): void {
  bench.reset?.(contender)
  const args = bench.args(contender)
  const { milliseconds, code, stderr } = time(contender, args)
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}`)
  if (round > 0) into.push(milliseconds)
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % Math.max(1, items.length)
  return [...items.slice(start), ...items.slice(0, start)]
}

/** The middle value; between the two middle ones when there are two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
