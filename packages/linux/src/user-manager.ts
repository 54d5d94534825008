import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

/** The systemd of a user (user@.service), which has control groups to give: systemd.resource-control(5), "Delegate=". */
export interface UserManager {
  /** Its own group, below which the user may make some; absolute, below /sys/fs/cgroup. */
  readonly group: string
  /** What it can hand on: `cpu`, `memory`, `pids`, unless the administrator has delegated more. */
  readonly controllers: readonly string[]
  /** By which a program finds its bus. */
  readonly environment: { readonly XDG_RUNTIME_DIR: string; readonly DBUS_SESSION_BUS_ADDRESS: string }
}

/** Where to look. */
export interface FindUserManagerOptions {
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Of the user on the host. @default as this process's user namespace maps its own */
  readonly uid?: number | undefined
  /** @default '/sys/fs/cgroup' */
  readonly cgroupRoot?: string | undefined
  /** @default as statfs(2) tells */
  readonly isCgroup2?: boolean | undefined
}

const cgroup2Magic = 0x63677270

/** The manager of this user; undefined where none runs, or where it has no group of v2 to give. Looks at a few files, asks nobody. */
export function findUserManager(options: FindUserManagerOptions = {}): UserManager | undefined {
  const { environment = process.env, cgroupRoot = '/sys/fs/cgroup' } = options
  if (!(options.isCgroup2 ?? isCgroup2(cgroupRoot))) return undefined
  const uid = options.uid ?? hostUid()
  const runtimeDirectory = environment['XDG_RUNTIME_DIR'] || `/run/user/${uid}`
  const bus = join(runtimeDirectory, 'bus')
  const group = join(cgroupRoot, `user.slice/user-${uid}.slice/user@${uid}.service`)
  if (!existsSync(join(runtimeDirectory, 'systemd/private')) || !existsSync(bus) || !isWritable(join(group, 'cgroup.procs')))
    return undefined
  return {
    group,
    controllers: readFileSync(join(group, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean),
    environment: {
      XDG_RUNTIME_DIR: runtimeDirectory,
      DBUS_SESSION_BUS_ADDRESS: environment['DBUS_SESSION_BUS_ADDRESS'] || `unix:path=${bus}`,
    },
  }
}

/** Of who started the user namespace that this process is in, where it is that namespace's root. */
function hostUid(): number {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return uid
  const [inside, outside = 0] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number)
  return inside === 0 ? outside : 0
}

function isCgroup2(directory: string): boolean {
  try {
    return statfsSync(directory).type === cgroup2Magic
  } catch {
    return false
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
