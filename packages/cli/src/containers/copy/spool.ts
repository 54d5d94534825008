import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const pieceBytes = 1 << 18

/** Takes all of a stream in before it gives any of it, through a file without a name. */
export async function* spool(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const fd = openNameless()
  try {
    for await (const chunk of bytes) for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done)
    for (let position = 0; ;) {
      const buffer = Buffer.allocUnsafeSlow(pieceBytes)
      const length = readSync(fd, buffer, 0, pieceBytes, position)
      if (length === 0) return
      position += length
      yield buffer.subarray(0, length)
    }
  } finally {
    closeSync(fd)
  }
}

function openNameless(): number {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-cp-'))
  try {
    return openSync(join(directory, 'tar'), 'wx+', 0o600)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
