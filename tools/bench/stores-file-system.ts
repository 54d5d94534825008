import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/** How long ext4 without a journal leaves the inode of a deleted file alone (RECENTCY_MIN in fs/ext4/ialloc.c), and a second. */
const recentlyDeletedMs = 61_000
/** Sparse: it takes of the disk what is written to it. Bytes. */
const size = 24 * 1024 ** 3

/** Where the contenders keep their stores. */
export interface StoresFileSystem extends Disposable {
  /** How long is waited after files were deleted, so that what was deleted costs nobody anything. */
  readonly settleMs: number
}

/**
 * Gives a directory, as root, a file system of its own where the one that it lies on would be measured rather than the contenders: an ext4 without a journal looks
 * again and again at every inode that was freed within the last minutes before it takes one for a new file, which is most of the time of a pull after a
 * removal. Hardly anybody has one. The new one is an ext4 as mkfs makes it, with a journal, in a file on the same disk; it is gone with its last use.
 */
export function openStoresFileSystem(directory: string): StoresFileSystem {
  if (!lacksJournal(directory)) return { settleMs: 0, [Symbol.dispose]: () => {} }
  const reason = mountJournalled(directory)
  if (reason === undefined) return { settleMs: 0, [Symbol.dispose]: () => void spawnSync('umount', ['--lazy', directory]) }
  console.error(`the disk has an ext4 without a journal, so a minute is waited for after what deletes many files (${reason})`)
  return { settleMs: recentlyDeletedMs, [Symbol.dispose]: () => {} }
}

/** Why it could not be done; undefined when it was. */
function mountJournalled(directory: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount another one'
  const { bavail, bsize } = statfsSync(directory)
  if (bavail * bsize < size) return 'there is no room for another one'
  const image = `${directory}.img`
  // Of nobody before: the directory's name is new.
  writeFileSync(image, '', { mode: 0o600 })
  truncateSync(image, size)
  try {
    return (
      failure(spawnSync('mkfs.ext4', ['-q', '-E', 'nodiscard', image], { encoding: 'utf8' })) ??
      // What is left to be zeroed would be zeroed while others are timed.
      failure(spawnSync('mount', ['-o', 'loop,noinit_itable', image, directory], { encoding: 'utf8' }))
    )
  } finally {
    // The mount keeps it, whatever becomes of this process.
    rmSync(image)
  }
}

function failure({ status, error, stderr }: ReturnType<typeof spawnSync>): string | undefined {
  return status === 0 ? undefined : (error?.message ?? String(stderr).trim())
}

/** Whether a directory lies on an ext4 without a journal, by what the kernel says of the file system's journal thread. */
function lacksJournal(directory: string): boolean {
  const found = spawnSync('findmnt', ['--noheadings', '--output', 'FSTYPE,SOURCE', '--nofsroot', '--target', directory], {
    encoding: 'utf8',
  })
  const [type, source = ''] = found.stdout.trim().split(/\s+/)
  const path = `/sys/fs/ext4/${basename(source)}/journal_task`
  return type === 'ext4' && existsSync(path) && readFileSync(path, 'utf8').trim() === '<none>'
}
