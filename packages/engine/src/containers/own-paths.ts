import { posix } from 'node:path'
import type { ContainerSettings } from '../state/record.ts'

/** What the engine puts into every container's tree: mount points, not work. */
const always: readonly string[] = [
  '/dev',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/mtab',
  '/etc/resolv.conf',
  '/proc',
  '/run/.containerenv',
  '/run/notify',
  '/run/secrets',
  '/sys',
]

/** What the engine has put into a container's tree: mount points, and the places of its secrets. */
export function ownPaths({ secrets = [], tuning }: Pick<ContainerSettings, 'secrets' | 'tuning'>): readonly string[] {
  const names = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']
  const inRoots = (tuning?.chrootDirectories ?? []).flatMap((root) => names.map((name) => posix.join(root, name)))
  return [
    ...always,
    ...inRoots,
    ...secrets.filter(({ type }) => type === 'mount').map(({ target }) => posix.resolve('/run/secrets', target)),
  ]
}
