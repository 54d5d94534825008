import { spawnSync } from 'node:child_process'
import { setImmediate as yieldToEvents, setTimeout as sleep } from 'node:timers/promises'
import { type BenchCase, engines } from './bench-case.ts'
import { type Contender, scripted, time } from './contender.ts'
import { peakMemory } from './peak-memory.ts'

/** The times of one contender in one case, in the order of the rounds. */
export interface Samples {
  readonly contender: string
  readonly milliseconds: readonly number[]
  /** The largest sum of the memory of its processes, in a run of its own; where it was looked at. */
  readonly peakBytes?: number | undefined
}

/** What a case found. */
export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly samples: readonly Samples[]
  /** Contenders that could not do it, with the reason. */
  readonly failures: readonly { readonly contender: string; readonly reason: string }[]
}

/** What happens to one contender's part of a case. */
interface Entrant {
  readonly contender: Contender
  readonly milliseconds: number[]
  peakBytes?: number
  failure?: string
}

/**
 * Times the contenders of a case in turn, round by round and each round from another one on, so that whatever else the machine does falls on all of
 * them alike. The first rounds warm up and aren't counted. Memory is looked at in a run of its own, which is not timed.
 *
 * @param settleMs how long is waited after files were deleted
 */
export async function measureCase(
  bench: BenchCase,
  contenders: readonly Contender[],
  rounds: number,
  onRound: (round: number) => void,
  settleMs: number = 0,
): Promise<CaseResult> {
  const wanted = bench.contenders ?? engines
  const entrants = contenders.filter(({ name }) => wanted.includes(name)).map((contender): Entrant => ({ contender, milliseconds: [] }))
  const warmUps = bench.warmUps ?? 1
  for (const entrant of entrants) await attempt(entrant, () => bench.prepare?.(entrant.contender))
  for (let round = 1 - warmUps; round <= rounds; round++) {
    // For signals, which can't come while a command is waited for.
    await yieldToEvents()
    onRound(round)
    if (bench.deletes === true) await resetAll(bench, entrants, settleMs)
    for (const entrant of rotate(entrants, round + warmUps - 1)) await attempt(entrant, () => timeOnce(bench, entrant, round > 0))
  }
  for (const entrant of entrants) {
    if (bench.memory === true) await attempt(entrant, () => lookAtMemory(bench, entrant))
    await attempt(entrant, () => bench.cleanUp?.(entrant.contender))
  }
  return {
    name: bench.name,
    title: bench.title,
    samples: entrants
      .filter(({ failure }) => failure === undefined)
      .map(({ contender: { name }, milliseconds, peakBytes }) => ({ contender: name, milliseconds, peakBytes })),
    failures: entrants.flatMap(({ contender: { name }, failure }) => (failure === undefined ? [] : [{ contender: name, reason: failure }])),
  }
}

/** Who fails once is left out from then on. */
async function attempt(entrant: Entrant, step: () => Promise<void> | void): Promise<void> {
  if (entrant.failure !== undefined) return
  try {
    await step()
  } catch (error) {
    entrant.failure = error instanceof Error ? error.message : String(error)
  }
}

async function resetAll(bench: BenchCase, entrants: readonly Entrant[], settleMs: number): Promise<void> {
  for (const entrant of entrants) await attempt(entrant, () => bench.reset?.(entrant.contender))
  spawnSync('sync')
  await sleep(settleMs)
}

async function timeOnce(bench: BenchCase, { contender, milliseconds: into }: Entrant, counts: boolean): Promise<void> {
  if (bench.deletes !== true) await bench.reset?.(contender)
  if (bench.writes === true) spawnSync('sync')
  const args = bench.args(contender)
  const { milliseconds, code, stderr } = time(commandOf(bench, contender), args)
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}`)
  if (counts) into.push(milliseconds)
}

function commandOf(bench: BenchCase, contender: Contender): Contender {
  return bench.script === undefined ? contender : scripted(contender, bench.script(contender))
}

/** Docker works in its daemon, which is no process of the command. */
async function lookAtMemory(bench: BenchCase, entrant: Entrant): Promise<void> {
  if (entrant.contender.name === 'docker') return
  await bench.reset?.(entrant.contender)
  entrant.peakBytes = await peakMemory(commandOf(bench, entrant.contender), bench.args(entrant.contender))
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
