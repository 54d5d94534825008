import type { BigIntStats, Stats } from 'node:fs'
import type { TarXattr } from '../entry.ts'
import { latin1 } from './bytes.ts'

/** Namespaces by which overlay file systems mark their own layers: a layer that brings such marks could hide or redirect what lies below. */
const overlayPrefixes = ['trusted.overlay.', 'user.overlay.', 'trusted.fuseoverlayfs.', 'user.fuseoverlayfs.', 'security.fuseoverlayfs.']
const overlayNames: ReadonlySet<string> = new Set(['user.containers.override_stat', 'security.containers.override_stat'])

/** Whether an attribute has a meaning for overlay file systems. */
export function isOverlayXattr(name: Uint8Array): boolean {
  const text = latin1(name)
  return overlayPrefixes.some((prefix) => text.startsWith(prefix)) || overlayNames.has(text)
}

/** A character device 0/0, by which overlayfs hides what lies below. */
export function isOverlayWhiteout(stats: Stats | BigIntStats): boolean {
  return stats.isCharacterDevice() && Number(stats.rdev) === 0
}

const opaqueNames: ReadonlySet<string> = new Set([
  'trusted.overlay.opaque',
  'user.overlay.opaque',
  'trusted.fuseoverlayfs.opaque',
  'user.fuseoverlayfs.opaque',
])
const whiteoutNames: ReadonlySet<string> = new Set(['trusted.overlay.whiteout', 'user.overlay.whiteout'])
const referenceNames: ReadonlySet<string> = new Set([
  'trusted.overlay.redirect',
  'user.overlay.redirect',
  'trusted.overlay.metacopy',
  'user.overlay.metacopy',
])

/** Whether a directory with these attributes hides all that the layers below have in theirs. */
export function isOpaque(xattrs: readonly TarXattr[]): boolean {
  return xattrs.some(({ name, value }) => opaqueNames.has(latin1(name)) && latin1(value) === 'y')
}

/** Whether empty files of a directory with these attributes may be whiteouts, since Linux 6.7. */
export function mayHaveWhiteoutFiles(xattrs: readonly TarXattr[]): boolean {
  return xattrs.some(({ name, value }) => opaqueNames.has(latin1(name)) && latin1(value) === 'x')
}

/** Whether an empty file with these attributes is a whiteout (Linux 6.7, overlayfs.rst, "whiteouts and opaque directories"). */
export function isWhiteoutFile(xattrs: readonly TarXattr[]): boolean {
  return xattrs.some(({ name }) => whiteoutNames.has(latin1(name)))
}

/** The attribute by which a file or directory stands for one of the layers below, under another name or without its content. */
export function referenceBelow(xattrs: readonly TarXattr[]): string | undefined {
  return xattrs.map(({ name }) => latin1(name)).find((name) => referenceNames.has(name))
}
