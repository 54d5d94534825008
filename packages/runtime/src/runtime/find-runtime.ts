import { type CgroupMode, findTool, findUserManager, probeCgroups, type UserManager } from '@podwright/linux'
import { basename, isAbsolute } from 'node:path'
import { RuntimeError } from '../errors.ts'

/** What `findRuntime` decides by. */
export interface FindRuntimeOptions {
  readonly rootless: boolean
  /** @default as probed */
  readonly cgroupMode?: CgroupMode | undefined
  /** Who gives a plain user's containers control groups; null: nobody. @default as found, where there is cgroup v2 */
  readonly userManager?: UserManager | null | undefined
  /** By which it is found. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
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
  /** Whom a plain user's runtime asks for them. */
  readonly userManager?: UserManager | undefined
  /** Runtimes that are installed and were passed over, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[]
}

const candidates = ['crun', 'runc', 'youki']

/**
 * Finds an OCI runtime that works here, without running one: from PATH and from how the control groups are mounted.
 *
 * @throws `ERR_RUNTIME_NOT_FOUND`, `ERR_RUNTIME_UNKNOWN`
 */
export function findRuntime(options: FindRuntimeOptions): FoundRuntime {
  const cgroupMode = options.cgroupMode ?? probeCgroups().mode
  const userManager = options.rootless ? usableManager(options, cgroupMode) : undefined
  const cgroups = cgroupMode === 'none' || (options.rootless && userManager === undefined) ? 'disabled' : 'enabled'
  const groups = { cgroups, cgroupMode, ...(userManager !== undefined && { userManager }) } as const
  if (options.runtime !== undefined) return { ...named(options.runtime), ...groups, passedOver: [] }
  const passedOver: { name: string; reason: string }[] = []
  for (const name of candidates) {
    const path = findTool(name)
    const reason = path === undefined ? undefined : whyNot(name, cgroupMode, cgroups)
    if (path !== undefined && reason === undefined) return { name, path, ...groups, passedOver }
    if (reason !== undefined) passedOver.push({ name, reason })
  }
  throw new RuntimeError('ERR_RUNTIME_NOT_FOUND', notFoundMessage(passedOver), {
    hint: installHint(cgroupMode),
    details: { passedOver, exitStatus: 125 },
  })
}

/**
 * A user without privileges may make control groups only in a v2 hierarchy that was handed over, and then only by way of their own systemd. Without the
 * controller of processes, whose limit every container has, it is of no use.
 */
function usableManager({ userManager, environment }: FindRuntimeOptions, mode: CgroupMode): UserManager | undefined {
  if (mode !== 'v2') return undefined
  const found = userManager === undefined ? findUserManager({ environment }) : (userManager ?? undefined)
  return found?.controllers.includes('pids') === true ? found : undefined
}

/** crun gives up when the v2 hierarchy beside those of v1 has controllers, even when it is to use no control groups. */
function whyNot(name: string, mode: CgroupMode, cgroups: FoundRuntime['cgroups']): string | undefined {
  if (name === 'crun' && mode === 'hybrid') {
    return 'it does not support control groups in hybrid mode: the v2 hierarchy at /sys/fs/cgroup/unified has controllers'
  }
  if (name === 'youki' && cgroups === 'disabled') return 'it does not run containers without control groups'
  return undefined
}

function named(runtime: string): { name: string; path: string } {
  const path = findTool(runtime)
  if (path !== undefined) return { name: basename(path), path }
  if (isAbsolute(runtime) || candidates.includes(runtime)) {
    throw new RuntimeError('ERR_RUNTIME_NOT_FOUND', `cannot find the runtime ${runtime}`, {
      hint: isAbsolute(runtime) ? 'It must be an executable file.' : `Install it: apt-get install ${runtime}`,
      details: { runtime, exitStatus: 125 },
    })
  }
  throw new RuntimeError('ERR_RUNTIME_UNKNOWN', `there is no runtime ${JSON.stringify(runtime)} on PATH`, {
    hint: `Use one of ${candidates.join(', ')}, or an absolute path.`,
    details: { runtime, exitStatus: 125 },
  })
}

function installHint(mode: CgroupMode): string {
  const name = whyNot('crun', mode, 'enabled') === undefined ? 'crun' : 'runc'
  return `Install one: apt-get install ${name}, dnf install ${name}, or pacman -S ${name}.`
}

function notFoundMessage(passedOver: FoundRuntime['passedOver']): string {
  if (passedOver.length === 0) return 'cannot find an OCI runtime: none of crun, runc and youki is installed'
  return `no OCI runtime works here: ${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`
}
