import { messageOf } from '@podwright/conventions'
import { statSync } from 'node:fs'
import { CdiError } from './errors.ts'
import type { CdiDeviceNode } from './spec.ts'

/** A device node in all parts. */
export interface CompleteNode extends CdiDeviceNode {
  readonly hostPath: string
  readonly type: 'b' | 'c' | 'u' | 'p'
}

/**
 * A device node with what it leaves out, from the host's, links followed.
 *
 * @param options.mustExist also one that leaves nothing out
 * @throws CdiError `ERR_CDI_HOST_DEVICE`
 */
export function completeNode(node: CdiDeviceNode, { mustExist = false }: { readonly mustExist?: boolean } = {}): CompleteNode {
  const hostPath = node.hostPath ?? node.path
  const { type, major } = node
  const isWhole = type !== undefined && (type === 'p' || (major !== undefined && major !== 0))
  if (isWhole && !mustExist) return { ...node, type, hostPath, ...(type !== 'p' && { minor: node.minor ?? 0 }) }
  const host = hostNode(hostPath)
  if (type !== undefined && (type === 'u' ? 'c' : type) !== host.type) {
    throw wrong(hostPath, `the spec says that its type is ${type}, and it is ${host.type}`)
  }
  if (isWhole && type !== 'p' && (major !== host.major || (node.minor ?? 0) !== host.minor)) {
    throw wrong(hostPath, `the spec says that it is ${major}:${node.minor ?? 0}, and it is ${host.major}:${host.minor}`)
  }
  return { ...node, hostPath, type: type ?? host.type, ...(host.type !== 'p' && { major: host.major, minor: host.minor }) }
}

interface HostNode {
  readonly type: 'b' | 'c' | 'p'
  readonly major: number
  readonly minor: number
}

/** Linux packs a device number as makedev(3) says: minor's low byte, 12 bits of major, the rest of minor. */
function hostNode(path: string): HostNode {
  let stats
  try {
    stats = statSync(path)
  } catch (error) {
    throw wrong(path, messageOf(error))
  }
  const type = stats.isBlockDevice() ? 'b' : stats.isCharacterDevice() ? 'c' : stats.isFIFO() ? 'p' : undefined
  if (type === undefined) throw wrong(path, 'it is no device node')
  return { type, major: (stats.rdev >>> 8) & 0xfff, minor: (stats.rdev & 0xff) | ((stats.rdev >>> 12) & 0xfff00) }
}

function wrong(path: string, reason: string): CdiError {
  return new CdiError('ERR_CDI_HOST_DEVICE', `cannot use the device node ${path}: ${reason}`, {
    hint: 'The spec may be older than the devices: have the vendor’s tool write it again.',
    details: { path },
  })
}
