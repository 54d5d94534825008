import { type AbortOptions, type Clock, systemClock } from '@podwright/conventions'
import { closeSync, constants, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { endianness, constants as systemConstants } from 'node:os'
import { basename, dirname } from 'node:path'
import { Duplex } from 'node:stream'
import { LinuxError } from './errors.ts'
import { cString, lastErrno, libcFunction } from './internal/libc.ts'
import { errnoName } from './internal/system-error.ts'

/** How a SOCK_SEQPACKET socket is connected. */
export interface ConnectSeqpacketOptions extends AbortOptions {
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

const socketpair = libcFunction('int socketpair(int domain, int type, int protocol, void *fds)')
const socket = libcFunction('int socket(int domain, int type, int protocol)')
const connect = libcFunction('int connect(int fd, const void *address, unsigned int length)')
const dup3 = libcFunction('int dup3(int from, int to, int flags)')

const unix = 1
const stream = 1
const seqpacket = 5
const nonBlocking = 0o4000
const closeOnExec = 0o2000000
const pathOnly = 0o10000000

/** sockaddr_un.sun_path has 108 bytes, the last for the NUL. */
const longestSocketPath = 107

/** Larger ones are cut by readers with a buffer of this size (conmon's CONN_SOCK_BUF_SIZE), and the rest is lost. */
const largestPacketBytes = 32 * 1024

const longestWaitMs = 50

/**
 * Connects to a listening SOCK_SEQPACKET Unix socket, which `node:net` can't.
 *
 * @returns a duplex whose readable side is in object mode: each chunk is one packet, a Buffer. Writes are cut into packets of at most 32 KiB,
 * `end()` closes the writing side only, `destroy()` both. Binary safe, with back-pressure both ways.
 * @throws ERR_LINUX_SEQPACKET with `details.errno` (`ENOENT`, `ECONNREFUSED`).
 */
export async function connectSeqpacket(path: string, options: ConnectSeqpacketOptions = {}): Promise<Duplex> {
  const connected = await connectedDescriptor(path, options)
  const { Socket } = await import('node:net')
  const [ours, other] = openPair(path, connected)
  // Node takes a descriptor for what getsockopt says at this moment, and refuses SOCK_SEQPACKET; it does read and write it. So it is shown a
  // stream, and the connected socket takes that number before the event loop first looks at it.
  const wrapped = new Socket({ fd: ours, allowHalfOpen: true })
  const replaced = dup3(connected, ours, closeOnExec)
  const failure = replaced < 0 ? failed(path, 'dup3', lastErrno()) : undefined
  closeSync(connected)
  closeSync(other)
  if (failure === undefined) return new SeqpacketSocket(wrapped)
  wrapped.destroy()
  throw failure
}

function openPair(path: string, connected: number): readonly [number, number] {
  const pair = new Int32Array(2)
  if (socketpair(unix, stream | closeOnExec | nonBlocking, 0, new Uint8Array(pair.buffer)) < 0) {
    const errno = lastErrno()
    closeSync(connected)
    throw failed(path, 'socketpair', errno)
  }
  return [pair[0] ?? -1, pair[1] ?? -1]
}

/** A socket whose peer's backlog is full answers EAGAIN; it is asked again, without blocking the thread. */
async function connectedDescriptor(path: string, { signal, clock = systemClock }: ConnectSeqpacketOptions): Promise<number> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    signal?.throwIfAborted()
    const fd = socket(unix, seqpacket | closeOnExec | nonBlocking, 0)
    if (fd < 0) throw failed(path, 'socket', lastErrno())
    const errno = connectTo(fd, path)
    if (errno === 0) return fd
    closeSync(fd)
    if (errno !== systemConstants.errno.EAGAIN) throw failed(path, 'connect', errno)
    await clock.sleep(waitMs, { signal })
  }
}

/** 0, or the errno. A path that is too long for an address is reached through its directory's descriptor. */
function connectTo(fd: number, path: string): number {
  if (Buffer.byteLength(path) <= longestSocketPath) return connectAddress(fd, path)
  let directory: number
  try {
    directory = openSync(dirname(path), constants.O_DIRECTORY | pathOnly)
  } catch (error) {
    return -((error as NodeJS.ErrnoException).errno ?? -systemConstants.errno.EIO)
  }
  try {
    return connectAddress(fd, `/proc/self/fd/${directory}/${basename(path)}`)
  } finally {
    closeSync(directory)
  }
}

function connectAddress(fd: number, path: string): number {
  const name = cString(path)
  const address = Buffer.alloc(2 + name.byteLength)
  if (endianness() === 'LE') address.writeUInt16LE(unix, 0)
  else address.writeUInt16BE(unix, 0)
  address.set(name, 2)
  return connect(fd, address, address.byteLength) < 0 ? lastErrno() : 0
}

function failed(path: string, call: string, errno: number): LinuxError {
  return new LinuxError('ERR_LINUX_SEQPACKET', `cannot connect to the socket ${path}: ${call}: ${errnoName(errno)}`, {
    details: { path, syscall: call, errno: errnoName(errno) },
    retryable: errno === systemConstants.errno.ECONNREFUSED,
  })
}

/** Keeps packets apart, in both directions: a socket of Node's own joins what was written in the meantime into one large packet. */
class SeqpacketSocket extends Duplex {
  readonly #socket: Socket

  constructor(wrapped: Socket) {
    super({ readableObjectMode: true, readableHighWaterMark: 16, writableHighWaterMark: largestPacketBytes, allowHalfOpen: true })
    this.#socket = wrapped
    wrapped.on('data', (packet) => {
      if (!this.push(packet)) wrapped.pause()
    })
    wrapped.on('end', () => this.push(null))
    wrapped.on('error', (error) => this.destroy(error))
    // After an end, packets may still wait here to be read.
    wrapped.on('close', () => wrapped.readableEnded || this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#writePackets(chunk, done)
  }

  #writePackets(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    const rest = bytes.subarray(largestPacketBytes)
    this.#socket.write(bytes.subarray(0, largestPacketBytes), (error) => {
      if (error || rest.byteLength === 0) done(error)
      else this.#writePackets(rest, done)
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
