import { syncFileSystem } from '@podwright/linux'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LayerRecord } from './tasks.ts'

/** Writes what is to be known of an unpacked layer beside it, and has all of it on the disk. */
export function finishLayer(directory: string, layer: LayerRecord): void {
  writeFileSync(join(directory, 'layer.json'), `${JSON.stringify(layer)}\n`, { mode: 0o600 })
  syncTree(directory)
}

/** One syncfs(2) instead of an fsync per file. */
function syncTree(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    syncFileSystem(fd)
  } finally {
    closeSync(fd)
  }
}
