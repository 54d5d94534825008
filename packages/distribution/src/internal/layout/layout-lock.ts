import type { AbortOptions } from '@podwright/conventions'
import { join } from 'node:path'
import { withFileLock } from '../credentials/with-file-lock.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { writing } from '../files/write-failure.ts'
import { workDirectory } from './layout-directory.ts'

/** Runs what reads a layout's index.json and writes it anew: nobody else may between the two. */
export async function withLayoutLock<T>(directory: string, work: () => Promise<T>, options: AbortOptions): Promise<T> {
  const parent = join(directory, workDirectory)
  await writing(parent, () => makeDirectory(parent))
  return withFileLock(join(parent, 'index.lock'), work, options)
}
