import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs'

/** Space beside a database that nothing uses, for those who make room where there is none left. */
export interface DatabaseReserve {
  /** Makes it, or what is missing of it, where there is room. Whoever can't have one goes on without. */
  keep(): void
  /** Gives so much of it, or what there is, back to the file system; false when none is left. */
  giveUp(bytes: number): boolean
}

/** File systems that compress do so in pieces that are smaller than this. */
const noiseBytes = 256 * 1024

/** The reserve of the database at `path`, in a file beside it. With `sizeBytes` 0 there is none. */
export function databaseReserve(path: string, sizeBytes: number): DatabaseReserve {
  const file = `${path}-reserve`
  const heldBytes = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let whole = sizeBytes === 0
  return {
    keep() {
      if (whole) return
      try {
        const missing = sizeBytes - heldBytes()
        if (missing > 0 && freeBytes(path) < 2 * missing) return
        if (missing > 0) fill(file, sizeBytes)
        whole = true
      } catch {
        // A disk that has become full, a quota, a directory that is not ours: the database works without.
      }
    },
    giveUp(bytes) {
      try {
        const held = heldBytes()
        if (held === 0) return false
        whole = false
        // Not deleted: who is just filling it would keep the space.
        truncateSync(file, Math.max(0, held - bytes))
        return true
      } catch {
        return false
      }
    },
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

/** Noise can't be compressed away, and is no hole. Of two at once each cuts what is too much; one that is killed leaves a shorter reserve. */
function fill(file: string, sizeBytes: number): void {
  const noise = readNoise()
  const fd = openSync(file, 'a', 0o600)
  try {
    for (let size = fstatSync(fd).size; size < sizeBytes; size += noise.length)
      writeSync(fd, noise, 0, Math.min(noise.length, sizeBytes - size))
    if (fstatSync(fd).size > sizeBytes) ftruncateSync(fd, sizeBytes)
  } finally {
    closeSync(fd)
  }
}

function readNoise(): Buffer {
  const noise = Buffer.alloc(noiseBytes)
  const device = openSync('/dev/urandom', 'r')
  try {
    for (let filled = 0; filled < noise.length;) filled += readSync(device, noise, filled, noise.length - filled, null)
  } finally {
    closeSync(device)
  }
  return noise
}
