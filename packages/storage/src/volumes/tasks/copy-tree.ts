import type { AbortOptions } from '@podwright/conventions'
import { lstatSync } from 'node:fs'
import { copy } from '../../tasks/copy.ts'
import type { CopyTreeArgs } from '../tasks.ts'

/** The handler of `storage.volumeCopy`. */
export async function copyTree({ source, target, minFreeBytes }: CopyTreeArgs, { signal }: AbortOptions): Promise<null> {
  const { mode, uid, gid } = lstatSync(source)
  return copy(
    { layers: [source], directory: target, root: { mode: mode & 0o7777, uid, gid }, idMap: null, minFreeBytes, literal: true },
    { signal: signal ?? new AbortController().signal },
  )
}
