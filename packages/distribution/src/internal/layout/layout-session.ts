import { systemCodeOf } from '@podwright/conventions'
import { type Digest, digestAlgorithm, digestHex } from '@podwright/oci'
import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import { tryFileLock } from '../files/file-lock.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { writing } from '../files/write-failure.ts'
import { workDirectory } from './layout-directory.ts'

/** The place of one writer in a layout, where its files are until they are whole. */
export interface LayoutSession {
  /** Where a blob grows; what is there of it already is its beginning. */
  partial(digest: Digest): string
  /** Where a file grows that has no name yet. */
  nameless(): string
  /** Ends it. What is left of blobs stays for who comes next, after a success only what may still be waited for. */
  close(succeeded: boolean): Promise<void>
}

/** Blobs that broke off are kept this long when other images come in meanwhile. */
const keptMs = 24 * 60 * 60 * 1000

const lockName = 'lock'

/**
 * Opens a writer's place, and takes over what killed writers left there: the kernel gave their locks back.
 *
 * @throws DistributionError `ERR_DISK_FULL`, `ERR_WRITE_FAILED`
 */
export async function openLayoutSession(directory: string): Promise<LayoutSession> {
  const { readdir, rm, stat } = await import('node:fs/promises')
  const parent = join(directory, workDirectory)
  for (;;) {
    const own = join(parent, globalThis.crypto.randomUUID())
    await writing(own, () => makeDirectory(own))
    const lock = await lockIn(own)
    // Who looks for what the dead left may have been faster, and have taken it for one of theirs.
    const isOurs = lock !== undefined && (await stat(join(own, lockName)).catch(() => undefined)) !== undefined
    if (!isOurs) {
      lock?.[Symbol.dispose]()
      continue
    }
    for (const other of await sessionsIn(parent)) if (join(parent, other) !== own) await takeOver(join(parent, other), own)
    return {
      partial: (digest) => join(own, `${digestAlgorithm(digest)}-${digestHex(digest)}`),
      nameless: () => join(own, globalThis.crypto.randomUUID()),
      close: async (succeeded) => {
        const files = (await readdir(own)).filter((name) => name !== lockName)
        for (const name of files) {
          const { mtimeMs = 0 } = (await stat(join(own, name)).catch(() => undefined)) ?? {}
          if (!isPartial(name) || (succeeded && Date.now() - mtimeMs > keptMs)) await rm(join(own, name), { force: true })
        }
        const isEmpty = (await readdir(own)).length === 1
        // Windows deletes nothing that is open. Whoever takes it over in between does the same, by way of a lock in it.
        lock[Symbol.dispose]()
        if (isEmpty) await rm(own, { recursive: true, force: true }).catch(unlessTaken)
      },
    }
  }
}

function unlessTaken(error: unknown): void {
  if (systemCodeOf(error) !== 'ENOTEMPTY') throw error
}

/** Undefined when somebody else has the directory, or has taken it away already. */
async function lockIn(own: string): ReturnType<typeof tryFileLock> {
  const { stat } = await import('node:fs/promises')
  try {
    return await tryFileLock(join(own, lockName))
  } catch (error) {
    if ((await stat(own).catch(() => undefined)) === undefined) return undefined
    throw error
  }
}

function isPartial(name: string): boolean {
  return /^[a-z0-9]+-[0-9a-f]{64,}$/.test(name)
}

async function sessionsIn(parent: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  const entries: Dirent[] = await readdir(parent, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function takeOver(dead: string, own: string): Promise<void> {
  const { readdir, rename, rm } = await import('node:fs/promises')
  try {
    {
      using lock = await tryFileLock(join(dead, lockName))
      if (lock === undefined) return
      for (const name of await readdir(dead)) if (isPartial(name)) await rename(join(dead, name), join(own, name))
    }
    await rm(dead, { recursive: true, force: true })
  } catch (error) {
    // It was gone before we were there; or it isn't ours to touch.
    if (systemCodeOf(error) === undefined && !(error instanceof Error && 'errcode' in error)) throw error
  }
}
