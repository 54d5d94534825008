import { spawnSync } from 'node:child_process'
import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { type Contender, time } from './contender.ts'
import type { GrowthSeries } from './growth.ts'
import { median } from './measure.ts'

/** What a series found. */
export interface GrowthResult {
  readonly name: string
  readonly title: string
  readonly steps: readonly GrowthMeasurement[]
  /** Why it ended early. */
  readonly failure?: string
}

/** The times at one size. */
export interface GrowthMeasurement {
  readonly size: number
  readonly milliseconds: readonly number[]
}

/** Times a contender at each size in turn, after one run that isn't counted. */
export async function measureGrowth(
  series: GrowthSeries,
  contender: Contender,
  rounds: number,
  onStep: (size: number) => void,
): Promise<GrowthResult> {
  const steps: GrowthMeasurement[] = []
  const { name, title } = series
  for (const step of series.steps) {
    await yieldToEvents()
    onStep(step.size)
    try {
      step.prepare?.(contender)
      const milliseconds: number[] = []
      for (let round = 0; round <= rounds; round++) {
        await step.reset?.(contender)
        spawnSync('sync')
        const { milliseconds: took, code, stderr } = time(contender, step.args(contender))
        if (code !== 0) throw new Error(`${step.args(contender).join(' ')}: exit ${code}\n${stderr}`)
        if (round > 0) milliseconds.push(took)
      }
      step.cleanUp?.(contender)
      steps.push({ size: step.size, milliseconds })
    } catch (error) {
      return { name, title, steps, failure: error instanceof Error ? error.message : String(error) }
    }
  }
  return { name, title, steps }
}

/**
 * How much more one more unit costs in the upper half of a series than in the lower: 1 when the cost grows linearly, whatever the fixed cost; about 2
 * when it grows with the square. Undefined with fewer than three sizes, or when the lower half cost nothing.
 */
export function curvature({ steps }: Pick<GrowthResult, 'steps'>): number | undefined {
  if (steps.length < 3) return undefined
  const [low, middle, high] = [steps[0]!, steps[steps.length >> 1]!, steps.at(-1)!]
  const slope = (from: GrowthMeasurement, to: GrowthMeasurement): number =>
    (median(to.milliseconds) - median(from.milliseconds)) / (to.size - from.size)
  const lower = slope(low, middle)
  return lower > 0 ? slope(middle, high) / lower : undefined
}
