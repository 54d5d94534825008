import { statfsSync } from 'node:fs'
import type { TarEntry } from '../../entry.ts'
import { entryError } from './failure.ts'

const everyBytes = 16 << 20
const everyEntries = 1024

/** Stops an extraction while there still is some space, asking the file system every now and then. */
export class DiskGuard {
  readonly #directory: Buffer
  readonly #minFreeBytes: number
  readonly #minFreeInodes: number
  #bytes = everyBytes
  #entries = everyEntries

  constructor(directory: Buffer, minFreeBytes: number, minFreeInodes: number) {
    this.#directory = directory
    this.#minFreeBytes = minFreeBytes
    this.#minFreeInodes = minFreeInodes
  }

  /** To be called before `bytes` are written. @throws ERR_ARCHIVE_DISK_LOW */
  spend(entry: TarEntry, bytes: number, entries: number): void {
    this.#bytes += bytes
    this.#entries += entries
    if (this.#bytes < everyBytes && this.#entries < everyEntries) return
    this.#bytes = 0
    this.#entries = 0
    this.#check(entry, bytes)
  }

  /** To be called before a file of that size begins: there is no point in filling the disk up to the limit. @throws ERR_ARCHIVE_DISK_LOW */
  expect(entry: TarEntry, bytes: number): void {
    if (bytes >= everyBytes) this.#check(entry, bytes)
  }

  #check(entry: TarEntry, bytes: number): void {
    if (this.#minFreeBytes <= 0 && this.#minFreeInodes <= 0) return
    const { bavail, bsize, ffree, files } = statfsSync(this.#directory)
    const freeBytes = bavail * bsize
    if (freeBytes - bytes < this.#minFreeBytes) {
      throw entryError(
        'ERR_ARCHIVE_DISK_LOW',
        entry,
        `${mebibytes(freeBytes)} MiB are free, ${mebibytes(this.#minFreeBytes)} MiB are to be kept`,
        {
          hint: 'Free some space, or lower what is to be kept free.',
        },
      )
    }
    // File systems that make inodes as they go report none.
    if (files > 0 && ffree < this.#minFreeInodes) {
      throw entryError('ERR_ARCHIVE_DISK_LOW', entry, `${ffree} inodes are free, ${this.#minFreeInodes} are to be kept`, {
        hint: 'Delete some files: the file system is running out of inodes.',
      })
    }
  }
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / (1 << 20))
}
