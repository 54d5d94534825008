import { messageOf } from '@podwright/conventions'
import type { CheckEngineOptions, EngineFinding } from '@podwright/contracts'
import { statSync } from 'node:fs'
import type { EngineParts } from '../../parts.ts'

/** Something that is wrong, and what can be done. */
export interface Problem extends Omit<EngineFinding, 'state' | 'images' | 'pull'> {
  readonly images?: EngineFinding['images'] | undefined
  readonly pull?: readonly string[] | undefined
  /** Mends it. Undefined when nothing that is here can. */
  readonly mend?: (() => Promise<unknown>) | undefined
  /** Without a mend: has what is left work on. */
  readonly clear?: (() => Promise<unknown>) | undefined
}

/** What the steps of a check share. */
export interface Check {
  readonly parts: EngineParts
  readonly options: CheckEngineOptions
}

/** One look. What it yields is mended, if that is asked for, before it goes on. */
export type Step = (check: Check) => AsyncIterable<Problem> | Iterable<Problem>

const defaultMinAgeMs = 10 * 60_000

/** Whether a check may mend. */
export function acts({ repair = false, dryRun = false }: CheckEngineOptions): boolean {
  return repair && !dryRun
}

/** Turns a problem into a finding; mends it first, if that is asked for. */
export async function settle(problem: Problem, options: CheckEngineOptions): Promise<EngineFinding> {
  const { mend, clear, images = [], pull = [], ...finding } = problem
  const beyond = pull.length > 0 ? 'pull' : 'lost'
  if (mend === undefined) {
    if (acts(options)) await clear?.()
    return { ...finding, images, pull, state: beyond }
  }
  if (!acts(options)) return { ...finding, images, pull, state: 'repairable' }
  try {
    await mend()
    return { ...finding, images, pull, state: 'repaired' }
  } catch (error) {
    return { ...finding, action: `${finding.action} That failed: ${messageOf(error)}`, images, pull, state: beyond }
  }
}

/** Whether something has been left alone for long enough that nobody comes back to it. */
export function isOld({ parts, options }: Check, path: string): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return changed !== undefined && parts.clock.now() - changed >= (options.minAgeMs ?? defaultMinAgeMs)
}
