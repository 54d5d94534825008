import type { ContainerMount } from '@podwright/contracts'
import type { MountInput } from '@podwright/runtime'
import { posix } from 'node:path'

/** As the runtime-spec's examples have /dev/pts: terminals of its own, and a ptmx that everybody may open. */
const devptsOptions = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']
const ramfsOptions = ['rprivate', 'nosuid', 'nodev']

/** A mount of what the kernel has in memory. Options that were given take the place of those that are usual. */
export function memoryMount({ target, readOnly, options = [] }: ContainerMount, type: 'ramfs' | 'devpts'): MountInput {
  const given = new Set(options.map(nameOf))
  const usual = (type === 'devpts' ? devptsOptions : ramfsOptions).filter((option) => !given.has(nameOf(option)))
  const access = readOnly === true ? ['ro'] : []
  return { type: 'raw', mount: { destination: posix.resolve('/', target), type, source: type, options: [...usual, ...access, ...options] } }
}

/** `mode` of `mode=0620`, `exec` of `noexec`. */
function nameOf(option: string): string {
  return option.split('=', 1)[0]!.replace(/^no(?=suid|exec|dev$)/, '')
}
