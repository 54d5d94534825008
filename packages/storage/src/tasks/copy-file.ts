import { type BigIntStats, closeSync, constants, copyFileSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

const blockBytes = 512n
const chunkBytes = 2 ** 17

/** Copies a file's bytes: as a reflink where the file system has them, and with its holes. The target must not be there. */
export function copyFile(source: Buffer, target: Buffer, stats: BigIntStats): void {
  if (stats.blocks * blockBytes < stats.size) return copySparse(source, target, stats)
  copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
}

/** Node has no SEEK_DATA: what is read as zeros is left out. */
function copySparse(source: Buffer, target: Buffer, stats: BigIntStats): void {
  const buffer = Buffer.alloc(chunkBytes)
  const zeros = Buffer.alloc(chunkBytes)
  const from = openSync(source, 'r')
  const to = openSync(target, 'wx', 0o600)
  try {
    for (let position = 0; position < Number(stats.size);) {
      const length = readSync(from, buffer, 0, chunkBytes, position)
      if (length === 0) break
      if (buffer.compare(zeros, 0, length, 0, length) !== 0) writeFully(to, buffer.subarray(0, length), position)
      position += length
    }
    ftruncateSync(to, Number(stats.size))
  } finally {
    closeSync(from)
    closeSync(to)
  }
}

function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength;) done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done)
}
