import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceInput } from './spec-input.ts'

/** Directories of /dev that are file systems of their own, and of the container's own. */
const ownDirectories = new Set(['pts', 'shm', 'fd', 'mqueue', 'hugepages', '.lxc', '.lxd-mounts', '.udev'])

/** What every container has anyway, and the console, which is the container's terminal. */
const ownDevices = new Set(['console', 'full', 'null', 'ptmx', 'random', 'tty', 'urandom', 'zero'])

/** All devices of the host, for a privileged container. What vanishes meanwhile is left out. */
export function hostDevices(directory = '/dev'): readonly DeviceInput[] {
  const found: DeviceInput[] = []
  for (const entry of entriesOf(directory)) {
    const source = join(directory, entry.name)
    if (entry.isDirectory()) {
      if (!ownDirectories.has(entry.name)) found.push(...hostDevices(source))
    } else if ((entry.isCharacterDevice() || entry.isBlockDevice()) && !ownDevices.has(entry.name)) {
      const stats = lstatSync(source, { throwIfNoEntry: false })
      if (stats !== undefined) found.push(deviceOf(source, stats))
    }
  }
  return found
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

/**
 * A device of the host, links followed, or all that a directory has, below `target`; undefined when it is neither.
 *
 * @throws when it is not there
 */
export function devicesAt(source: string, target: string = source): readonly DeviceInput[] | undefined {
  const stats = statSync(source)
  if (stats.isDirectory()) return hostDevices(source).map((device) => ({ ...device, target: target + device.source.slice(source.length) }))
  return stats.isCharacterDevice() || stats.isBlockDevice() ? [{ ...deviceOf(source, stats), target }] : undefined
}

/** Linux packs a device number as makedev(3) says: minor's low byte, 12 bits of major, the rest of minor. */
function deviceOf(source: string, stats: Stats): DeviceInput {
  const { rdev, mode, uid, gid } = stats
  const major = (rdev >>> 8) & 0xfff
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)
  return { source, type: stats.isBlockDevice() ? 'b' : 'c', major, minor, mode: mode & 0o777, uid, gid }
}
