import { closeSync } from 'node:fs'
import { LinuxError } from './errors.ts'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { errnoName } from './internal/system-error.ts'
import { unixAddress } from './internal/unix-address.ts'

const socket = libcFunction('int socket(int domain, int type, int protocol)')
const sendto = libcFunction('long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, unsigned int size)')

const unix = 1
const datagram = 2
const closeOnExec = 0o2000000
const noSignal = 0x4000

/**
 * Sends one datagram to a Unix socket, which `node:dgram` can't. It waits while the receiver's queue is full.
 *
 * @param path of the socket; with `@` in front, its abstract name
 * @throws ERR_LINUX_DATAGRAM with `details.errno` (`ENOENT`, `ECONNREFUSED`)
 */
export function sendDatagram(path: string, text: string): void {
  const fd = socket(unix, datagram | closeOnExec, 0)
  if (fd < 0) throw failed(path, lastErrno())
  try {
    const bytes = Buffer.from(text)
    const address = unixAddress(path)
    if (sendto(fd, bytes, bytes.byteLength, noSignal, address, address.byteLength) < 0) throw failed(path, lastErrno())
  } finally {
    closeSync(fd)
  }
}

function failed(path: string, errno: number): LinuxError {
  return new LinuxError('ERR_LINUX_DATAGRAM', `cannot send to the socket ${path}: ${errnoName(errno)}`, {
    details: { path, errno: errnoName(errno) },
  })
}
