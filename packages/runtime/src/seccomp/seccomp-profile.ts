/** When a rule holds. Absent conditions always hold. */
export interface SeccompCondition {
  /** Capabilities of the bounding set, with `CAP_`: all of them to include, any of them to exclude. */
  readonly caps?: readonly string[] | undefined
  /** Go's names: `amd64`, `arm64`. */
  readonly arches?: readonly string[] | undefined
  /** The kernel is at least this: `4.8`. */
  readonly minKernel?: string | undefined
}

/** A comparison of a system call's argument (seccomp_rule_add(3)). */
export interface SeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number | undefined
  readonly op: string
}

/** One rule of a profile. */
export interface SeccompRule {
  readonly names: readonly string[]
  /** `SCMP_ACT_ALLOW`, `SCMP_ACT_ERRNO`, … */
  readonly action: string
  readonly errnoRet?: number | undefined
  readonly args?: readonly SeccompArgument[] | undefined
  readonly includes?: SeccompCondition | undefined
  readonly excludes?: SeccompCondition | undefined
}

/** A profile with conditions, in the form that docker, podman and CRI-O read from seccomp.json. */
export interface SeccompProfile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number | undefined
  /** libseccomp's names of all architectures that the filter covers; used when there is no `archMap`. */
  readonly architectures?: readonly string[] | undefined
  /** For each native architecture, those that run on it as well. */
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[] | undefined
  readonly flags?: readonly string[] | undefined
  readonly rules: readonly SeccompRule[]
}
