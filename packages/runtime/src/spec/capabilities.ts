import type { RuntimeCapabilities } from '@podwright/oci'
import { RuntimeError } from '../errors.ts'
import type { SecurityInput } from './spec-input.ts'

/** All that Linux has, in the order of their numbers (capabilities(7)). */
export const capabilityNames: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN ' +
  'NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME ' +
  'SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ ' +
  'PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`)

/** What a container has by default, as with Podman. */
export const defaultCapabilities: readonly string[] =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' ').map((name) => `CAP_${name}`)

/** `CAP_NET_ADMIN` for `net_admin`; `ALL` stays. @throws `ERR_CAPABILITY_UNKNOWN` */
export function capabilityName(text: string): string {
  const upper = text.trim().toUpperCase()
  if (upper === 'ALL') return upper
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  if (capabilityNames.includes(name)) return name
  throw new RuntimeError('ERR_CAPABILITY_UNKNOWN', `${JSON.stringify(text)} is not a capability`, {
    hint: 'They are listed in capabilities(7); the prefix CAP_ may be left out, and ALL stands for all.',
    details: { capability: text },
  })
}

/**
 * The five sets of a process.
 *
 * Root has all of the bounding set. Another user has none but those that were added by name, which are ambient so that they survive execve.
 */
export function processCapabilities(security: SecurityInput, uid: number, available: readonly string[]): RuntimeCapabilities {
  const added = (security.capabilitiesAdd ?? []).map(capabilityName)
  const bounding = boundingSet(security, added, available)
  if (uid === 0) return { bounding, effective: bounding, permitted: bounding }
  const own = bounding.filter((name) => added.includes(name))
  return own.length === 0 ? { bounding } : { bounding, effective: own, permitted: own, inheritable: own, ambient: own }
}

/** `ALL` replaces the defaults, by everything or by nothing, before single names count. */
function boundingSet(security: SecurityInput, added: readonly string[], available: readonly string[]): readonly string[] {
  const dropped = (security.capabilitiesDrop ?? []).map(capabilityName)
  const conflict = added.find((name) => dropped.includes(name))
  if (conflict !== undefined) {
    throw new RuntimeError('ERR_CAPABILITY_CONFLICT', `the capability ${conflict} can not be both added and dropped`, {
      details: { capability: conflict },
    })
  }
  const all = added.includes('ALL') || (security.privileged ?? false)
  const chosen = new Set(all ? available : dropped.includes('ALL') ? [] : defaultCapabilities)
  for (const name of added) chosen.add(name)
  for (const name of dropped) chosen.delete(name)
  return capabilityNames.filter((name) => chosen.has(name)).toSorted()
}
