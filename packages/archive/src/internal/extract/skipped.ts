import type { TarEntry } from '../../entry.ts'
import type { SkippedItem } from '../../extract-options.ts'
import { quoteBytes } from '../bytes.ts'
import { isOverlayXattr } from '../overlay-marks.ts'

const maxItems = 100

/** Notes what is left out: the first hundred by name, the others as a number. */
export class Skipped {
  readonly items: SkippedItem[] = []
  count = 0

  add(name: Uint8Array, what: SkippedItem['what'], reason: string, detail = ''): void {
    this.count++
    if (this.items.length < maxItems) this.items.push({ name, what, detail, reason })
  }

  addXattr(name: Uint8Array, xattrName: Uint8Array, reason: string): void {
    this.add(name, 'xattr', reason, quoteBytes(xattrName).slice(1, -1))
  }
}

/** An entry's attributes but those of overlay file systems, which are noted. */
export function keptXattrs(entry: TarEntry, skipped: Skipped, onStripped: () => void): TarEntry['xattrs'] {
  if (entry.xattrs.length === 0) return entry.xattrs
  return entry.xattrs.filter(({ name }) => {
    if (!isOverlayXattr(name)) return true
    skipped.addXattr(entry.name, name, 'reserved')
    onStripped()
    return false
  })
}
