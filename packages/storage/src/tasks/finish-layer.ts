import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncTree } from './sync-tree.ts'
import type { LayerRecord } from './tasks.ts'

/** Writes what is to be known of an unpacked layer beside it, and has all of it on the disk. */
export async function finishLayer(directory: string, layer: LayerRecord): Promise<void> {
  writeFileSync(join(directory, 'layer.json'), `${JSON.stringify(layer)}\n`, { mode: 0o600 })
  await syncTree(directory)
}
