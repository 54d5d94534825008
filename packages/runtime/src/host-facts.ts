import type { IdMap } from '@podwright/contracts'
import type { HostFacts } from './spec/spec-input.ts'

/** Options of `readHostFacts`. */
export interface HostFactsOptions {
  /** Whether the runtime works inside a user namespace of the engine's. */
  readonly rootless: boolean
  readonly idMap?: IdMap | undefined
}

/** Reads what a spec depends on: a few small files under /proc. */
export function readHostFacts(options: HostFactsOptions): Promise<HostFacts> {
  throw new Error(`unfinished ${options.rootless}`)
}
