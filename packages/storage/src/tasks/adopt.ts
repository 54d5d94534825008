import { createSpecialFiles } from '@podwright/linux'
import { lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fullOr } from '../internal/free-space.ts'
import { finishLayer } from './finish-layer.ts'
import { childPath } from './tree.ts'
import type { AdoptArgs, LayerRecord, UnpackResult } from './tasks.ts'

/** The handler of `storage.adopt`. */
export async function adopt({ from, directory, layer }: AdoptArgs): Promise<UnpackResult> {
  const tree = join(directory, 'diff')
  renameSync(from, tree)
  const { mode, uid, gid } = lstatSync(tree)
  const sizeBytes = await tidy(Buffer.from(tree))
  const record: LayerRecord = { ...layer, sizeBytes, root: { mode: mode & 0o7777, uid, gid }, opaque: false }
  try {
    await finishLayer(directory, record)
  } catch (error) {
    throw fullOr(error, `store the layer ${layer.diffId}`)
  }
  return { layer: record, impliedDirectories: 0 }
}

const stride = 1024

/** Deletes what a layer's tar has no place for, sockets, so that the tree is what the tar would unpack to; adds up the bytes of the files. */
async function tidy(root: Buffer): Promise<number> {
  const special = createSpecialFiles()
  const seen = new Set<number>()
  let sizeBytes = 0
  let count = 0
  const pending: Buffer[] = [root]
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const name of readdirSync(path, { encoding: 'buffer' })) {
      const child = childPath(path, name)
      const stats = lstatSync(child)
      if (stats.isDirectory()) pending.push(child)
      else if (stats.isSocket()) removeSocket(special, path, child)
      else if (stats.isFile() && !(stats.nlink > 1 && seen.has(stats.ino))) {
        sizeBytes += stats.size
        if (stats.nlink > 1) seen.add(stats.ino)
      }
      count += 1
      if (count % stride === 0) await new Promise(setImmediate)
    }
  }
  return sizeBytes
}

function removeSocket(special: ReturnType<typeof createSpecialFiles>, directory: Buffer, path: Buffer): void {
  const { mtimeNs } = lstatSync(directory, { bigint: true })
  unlinkSync(path)
  special.setTimes(directory, mtimeNs)
}
