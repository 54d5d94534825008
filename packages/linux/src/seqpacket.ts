import { type AbortOptions, type Clock, systemClock } from '@podwright/conventions'
import { closeSync, constants, openSync } from 'node:fs'
import { constants as systemConstants } from 'node:os'
import { basename, dirname } from 'node:path'
import { Descriptor } from './descriptor.ts'
import { LinuxError } from './errors.ts'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { errnoName } from './internal/system-error.ts'
import { unixAddress } from './internal/unix-address.ts'

/** How a SOCK_SEQPACKET socket is connected. */
export interface ConnectSeqpacketOptions extends AbortOptions {
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

const socket = libcFunction('int socket(int domain, int type, int protocol)')
const connect = libcFunction('int connect(int fd, const void *address, unsigned int length)')
const shutdown = libcFunction('int shutdown(int fd, int how)')

const unix = 1
const seqpacket = 5
const nonBlocking = 0o4000
const closeOnExec = 0o2000000
const pathOnly = 0o10000000
const shutdownWriting = 1

/** sockaddr_un.sun_path has 108 bytes, the last for the NUL. */
const longestSocketPath = 107

/** Larger ones are cut by readers with a buffer of this size (conmon's CONN_SOCK_BUF_SIZE), and the rest is lost. */
const largestPacketBytes = 32 * 1024

const longestWaitMs = 50

/** A connected SOCK_SEQPACKET socket: each read is one packet. */
export class PacketSocket extends Descriptor {
  /** Cut into packets of at most 32 KiB. Nothing for no bytes: an empty packet would read as the end. */
  override async write(content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let at = 0; at < bytes.byteLength; at += largestPacketBytes) await super.write(bytes.subarray(at, at + largestPacketBytes))
  }

  /** The peer reads the end; what it writes is still read here. */
  end(): void {
    if (this.fd >= 0) shutdown(this.fd, shutdownWriting)
  }
}

/**
 * Connects to a listening SOCK_SEQPACKET Unix socket, which `node:net` can't.
 *
 * @throws ERR_LINUX_SEQPACKET with `details.errno` (`ENOENT`, `ECONNREFUSED`).
 */
export async function connectSeqpacket(path: string, options: ConnectSeqpacketOptions = {}): Promise<PacketSocket> {
  return new PacketSocket(await connectedDescriptor(path, options))
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
  const address = unixAddress(path)
  return connect(fd, address, address.byteLength) < 0 ? lastErrno() : 0
}

function failed(path: string, call: string, errno: number): LinuxError {
  return new LinuxError('ERR_LINUX_SEQPACKET', `cannot connect to the socket ${path}: ${call}: ${errnoName(errno)}`, {
    details: { path, syscall: call, errno: errnoName(errno) },
    retryable: errno === systemConstants.errno.ECONNREFUSED,
  })
}
