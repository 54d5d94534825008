import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'

/** A kernel's version. */
export interface KernelVersion {
  /** As `uname -r` says. */
  readonly release: string
  readonly major: number
  readonly minor: number
}

/** What lets or keeps plain users from making user namespaces. */
export interface UserNamespaceFacts {
  /** The kernel has them. */
  readonly supported: boolean
  /** user.max_user_namespaces; undefined when not told. */
  readonly maximum: number | undefined
  /** kernel.unprivileged_userns_clone (Debian's and Arch's patch); undefined where there is none. */
  readonly unprivilegedClone: boolean | undefined
  /** kernel.apparmor_restrict_unprivileged_userns (Ubuntu from 23.10 on); undefined where there is none. */
  readonly appArmorRestricted: boolean | undefined
  /** Whether nothing of the above forbids them. */
  readonly allowed: boolean
}

/** What overlay mounts can do. */
export interface OverlayFacts {
  /** The kernel has it, or it is a module that may be loaded at the first mount. */
  readonly loaded: boolean
  /** Inside a user namespace, with `userxattr` (kernel 5.11). */
  readonly rootless: boolean
}

/** A device that containers may need. */
export interface DeviceFacts {
  readonly path: string
  readonly present: boolean
  /** This user may read and write it. */
  readonly usable: boolean
}

/** Which security modules and filters are there. */
export interface SecurityFacts {
  readonly seccomp: boolean
  readonly appArmor: boolean
  /** `disabled` also where the kernel has none. */
  readonly selinux: 'enforcing' | 'permissive' | 'disabled'
}

/** Main memory and swap, in bytes. */
export interface MemoryFacts {
  readonly totalBytes: number
  readonly availableBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
}

/** The running kernel. */
export function kernelVersion(text: string = release()): KernelVersion {
  const match = /^(\d+)\.(\d+)/.exec(text)
  return { release: text, major: Number(match?.[1] ?? 0), minor: Number(match?.[2] ?? 0) }
}

/** Whether the running kernel is at least that version. */
export function isKernelAtLeast(major: number, minor: number, version: KernelVersion = kernelVersion()): boolean {
  return version.major > major || (version.major === major && version.minor >= minor)
}

/** What the kernel says on user namespaces. Never throws. */
export function probeUserNamespaces(): UserNamespaceFacts {
  const supported = existsSync('/proc/self/ns/user')
  const maximum = readNumber('/proc/sys/user/max_user_namespaces')
  const clone = readNumber('/proc/sys/kernel/unprivileged_userns_clone')
  const appArmor = readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')
  return {
    supported,
    maximum,
    unprivilegedClone: clone === undefined ? undefined : clone !== 0,
    appArmorRestricted: appArmor === undefined ? undefined : appArmor !== 0,
    allowed: supported && maximum !== 0 && clone !== 0 && (appArmor === undefined || appArmor === 0),
  }
}

/** What the kernel says on overlay. Never throws. */
export function probeOverlay(): OverlayFacts {
  const loaded = read('/proc/filesystems').split('\n').includes('nodev\toverlay')
  return { loaded, rootless: isKernelAtLeast(5, 11) }
}

/** Whether a device is there and this user may use it. Never throws. */
export function probeDevice(path: string): DeviceFacts {
  return { path, present: existsSync(path), usable: mayUse(path) }
}

/** What protects containers besides namespaces. Never throws. */
export function probeSecurity(): SecurityFacts {
  const enforcing = readNumber('/sys/fs/selinux/enforce')
  return {
    seccomp: /^Seccomp:/m.test(read('/proc/self/status')),
    appArmor: read('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    selinux: enforcing === undefined ? 'disabled' : enforcing === 1 ? 'enforcing' : 'permissive',
  }
}

/** Memory of the machine. Never throws. */
export function probeMemory(text: string = read('/proc/meminfo')): MemoryFacts {
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
  return {
    totalBytes: bytes('MemTotal'),
    availableBytes: bytes('MemAvailable'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  }
}

function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readNumber(path: string): number | undefined {
  const text = read(path).trim()
  return text === '' ? undefined : Number(text)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
