import { makeFifo, randomHex, setPipeCapacity } from '@podwright/linux'
import { closeSync, constants, mkdirSync, openSync, read, rmSync, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const readInto = promisify(read)
const writeFrom = promisify(write)
const pieceBytes = 1 << 18
const capacityBytes = 1 << 20

/** One end of a pipe whose other end another process opens by a name. */
export interface Pipe extends Disposable {
  readonly path: string
  /** Says that the other process has its end: from now on this one sees when that is closed. The name goes. */
  connected(): void
}

/** A pipe that bytes come out of. */
export interface PipeReader extends Pipe {
  /** Until the other end is closed. With `transient`, a piece is good until the next one is asked for. */
  bytes(transient: boolean): AsyncGenerator<Uint8Array, void, undefined>
}

/** A pipe that bytes are put into. */
export interface PipeWriter extends Pipe {
  /** @throws EPIPE once the other end is closed */
  write(bytes: Uint8Array): Promise<void>
}

/** Makes a pipe to read from. Nothing waits: both ends are open here until the other process has its own. */
export function openPipeReader(directory: string): PipeReader {
  const { fd, pipe } = openPipe(directory, constants.O_RDONLY)
  return {
    ...pipe,
    async *bytes(transient) {
      const shared = transient ? Buffer.allocUnsafeSlow(capacityBytes) : undefined
      for (;;) {
        const space = shared ?? Buffer.allocUnsafeSlow(pieceBytes)
        const { bytesRead, buffer } = await readInto(fd, space, 0, space.length, null)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    },
  }
}

/** Makes a pipe to write to. */
export function openPipeWriter(directory: string): PipeWriter {
  const { fd, pipe } = openPipe(directory, constants.O_WRONLY)
  return {
    ...pipe,
    async write(bytes) {
      for (let done = 0; done < bytes.length;) done += (await writeFrom(fd, bytes, done)).bytesWritten
    },
  }
}

function openPipe(directory: string, direction: number): { readonly fd: number; readonly pipe: Pipe } {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `copy-${randomHex(6)}`)
  makeFifo(path)
  const keeper = openSync(path, constants.O_RDWR)
  const fd = openSync(path, direction)
  setPipeCapacity(fd, capacityBytes)
  const open = new Set([keeper, fd])
  const close = (descriptor: number): void => {
    if (open.delete(descriptor)) closeSync(descriptor)
  }
  const connected = (): void => {
    close(keeper)
    rmSync(path, { force: true })
  }
  const dispose = (): void => {
    connected()
    close(fd)
  }
  return { fd, pipe: { path, connected, [Symbol.dispose]: dispose } }
}
