import { RuntimeError } from '../errors.ts'
import type { NamespacesInput } from './spec-input.ts'

const ipcNames = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/** Which namespace a setting belongs to; undefined for one of the whole machine. */
function namespaceOf(name: string): 'network' | 'ipc' | 'uts' | undefined {
  if (name.startsWith('net.')) return 'network'
  if (ipcNames.has(name) || name.startsWith('fs.mqueue.')) return 'ipc'
  return name === 'kernel.domainname' ? 'uts' : undefined
}

/** The settings asked for and the defaults; ping without privileges works for root's group in a network of its own. */
export function containerSysctls(asked: Readonly<Record<string, string>>, namespaces: NamespacesInput): Readonly<Record<string, string>> {
  for (const name of Object.keys(asked)) check(name, namespaces)
  const ownNetwork = (namespaces.network ?? 'private') === 'private' || namespaces.network === 'none'
  return ownNetwork ? { 'net.ipv4.ping_group_range': '0 0', ...asked } : asked
}

function check(name: string, namespaces: NamespacesInput): void {
  const namespace = namespaceOf(name)
  if (namespace === undefined) {
    throw new RuntimeError('ERR_SYSCTL', `the sysctl ${name} is not one of a namespace: it would change the whole machine`, {
      hint: `Set it on the host: sysctl -w ${name}=…`,
      details: { sysctl: name },
    })
  }
  if (namespaces[namespace] !== 'host') return
  throw new RuntimeError('ERR_SYSCTL', `cannot set the sysctl ${name}: the container shares the host's ${namespace} namespace`, {
    hint: `Give the container a ${namespace} namespace of its own.`,
    details: { sysctl: name, namespace },
  })
}
