import { readFileSync } from 'node:fs'

/** Which families of addresses have a default route on this machine. */
export interface DefaultRoutes {
  readonly ipv4: boolean
  readonly ipv6: boolean
}

/** RTF_REJECT of linux/route.h: the kernel's own entry for "nowhere". */
const reject = 0x200

/** Reads the kernel's routes. Never throws. */
export function hostDefaultRoutes(): DefaultRoutes {
  return { ipv4: hasIpv4Default(read('/proc/net/route')), ipv6: hasIpv6Default(read('/proc/net/ipv6_route')) }
}

/** Columns: interface, destination, gateway, flags, reference count, use, metric, mask. */
export function hasIpv4Default(text: string): boolean {
  return text.split('\n').some((line) => {
    const [device, destination, , flags, , , , mask] = line.split('\t')
    return device !== 'lo' && destination === '00000000' && mask === '00000000' && (Number.parseInt(flags ?? '', 16) & reject) === 0
  })
}

/** Columns: destination, its prefix, source, its prefix, next hop, metric, reference count, use, flags, interface. */
export function hasIpv6Default(text: string): boolean {
  return text.split('\n').some((line) => {
    const [destination, prefix, , , , , , , flags, device] = line.trim().split(/\s+/)
    return destination === '0'.repeat(32) && prefix === '00' && device !== 'lo' && (Number.parseInt(flags ?? '', 16) & reject) === 0
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
