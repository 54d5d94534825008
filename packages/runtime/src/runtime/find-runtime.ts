import type { CgroupMode } from '@podwright/linux'

/** What `findRuntime` decides by. */
export interface FindRuntimeOptions {
  readonly rootless: boolean
  /** @default as /proc/self/mountinfo says */
  readonly cgroupMode?: CgroupMode | undefined
  /** A name or an absolute path that must be taken. @default the first of crun, runc, youki that works here */
  readonly runtime?: string | undefined
}

/** A runtime for this host. */
export interface FoundRuntime {
  /** `crun`, `runc`, `youki`, or the base name of the path. */
  readonly name: string
  readonly path: string
  /** Whether it can give containers control groups here. */
  readonly cgroups: 'enabled' | 'disabled'
  readonly cgroupMode: CgroupMode
  /** Runtimes that are installed and were passed over, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[]
}

/**
 * Finds an OCI runtime that works here, without running one: from PATH and from how the control groups are mounted.
 *
 * @throws `ERR_RUNTIME_NOT_FOUND`, `ERR_RUNTIME_UNKNOWN`
 */
export function findRuntime(options: FindRuntimeOptions): Promise<FoundRuntime> {
  throw new Error(`unfinished ${options.rootless}`)
}
