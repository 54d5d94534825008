import { emitProgress, messageOf } from '@podwright/conventions'
import type { CheckOptions, CheckProgress, DamageFinding } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { Store } from '../store.ts'
import type { ImageParts } from './image-parts.ts'

/** Something that is wrong, and what can be done. */
export interface Problem extends Omit<DamageFinding, 'state' | 'images' | 'pull'> {
  readonly images?: readonly Digest[] | undefined
  readonly pull?: readonly string[] | undefined
  /** Mends it. Undefined when nothing that is here can. */
  readonly mend?: (() => Promise<unknown>) | undefined
  /** Without a mend: makes room for what has to be pulled, or takes away what leads nowhere. */
  readonly clear?: (() => Promise<unknown>) | undefined
}

/** What the steps of a check share. */
export interface Check {
  readonly store: Store
  readonly options: CheckOptions
  /** Of this storage's own images, as they are recorded. */
  readonly parts: ImageParts
}

/** Turns a problem into a finding; mends it first, if that is asked for. */
export async function settle(problem: Problem, { repair = false, dryRun = false }: CheckOptions): Promise<DamageFinding> {
  const { mend, clear, images = [], pull = [], ...finding } = problem
  const acts = repair && !dryRun
  if (mend === undefined) {
    if (acts) await clear?.()
    return { ...finding, images, pull, state: pull.length > 0 ? 'pull' : 'lost' }
  }
  if (!acts) return { ...finding, images, pull, state: 'repairable' }
  try {
    await mend()
    return { ...finding, images, pull, state: 'repaired' }
  } catch (error) {
    const action = `${finding.action} That failed: ${messageOf(error)}`
    return { ...finding, action, images, pull, state: pull.length > 0 ? 'pull' : 'lost' }
  }
}

export function tell({ options }: Check, type: CheckProgress['type'], digest: Digest): void {
  options.signal?.throwIfAborted()
  emitProgress<CheckProgress>(options.onProgress, { type, digest })
}
