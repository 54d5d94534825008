import type { AbortOptions } from '@podwright/conventions'
import { lstatSync, readdirSync } from 'node:fs'
import { childPath } from './tree.ts'

const blockBytes = 512
const stride = 1024

/** The handler of `storage.usage`: what a tree takes on disk. A hard-linked file counts once; what is mounted in it doesn't count. */
export async function usage(
  { path }: { readonly path: string },
  { signal }: AbortOptions,
): Promise<{ readonly sizeBytes: number; readonly inodes: number }> {
  const seen = new Set<string>()
  let sizeBytes = 0
  let inodes = 0
  const device = lstatSync(path, { throwIfNoEntry: false })?.dev
  const pending: Buffer[] = [Buffer.from(path)]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const stats = lstatSync(next, { throwIfNoEntry: false })
    if (stats === undefined || stats.dev !== device) continue
    const inode = `${stats.dev}:${stats.ino}`
    if (stats.nlink > 1 && !stats.isDirectory() && seen.has(inode)) continue
    if (stats.nlink > 1) seen.add(inode)
    sizeBytes += stats.blocks * blockBytes
    inodes += 1
    if (stats.isDirectory()) for (const name of readdirSync(next, { encoding: 'buffer' })) pending.push(childPath(next, name))
    if (inodes % stride !== 0) continue
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
  return { sizeBytes, inodes }
}
