import type { RuntimeSeccomp } from '@podwright/oci'
import type { SeccompProfile } from './seccomp-profile.ts'

/** What a profile is resolved for. */
export interface SeccompTarget {
  /** Node's name: `x64`. */
  readonly architecture: string
  /** The process's bounding set. */
  readonly capabilities: readonly string[]
  /** Kernel release. */
  readonly kernel: string
}

/** The runtime-spec's form of a profile: conditions decided, the rest as it stands. */
export function resolveSeccomp(profile: SeccompProfile, target: SeccompTarget): RuntimeSeccomp {
  throw new Error(`unfinished ${profile.defaultAction} ${target.kernel}`)
}
