import { endianness } from 'node:os'

const unix = 1

/** A sockaddr_un (unix(7)). A name that begins with `@` is abstract: it is in no file system. */
export function unixAddress(path: string): Buffer {
  const name = path.startsWith('@') ? Buffer.from(`\0${path.slice(1)}`) : Buffer.from(`${path}\0`)
  const address = Buffer.alloc(2 + name.byteLength)
  if (endianness() === 'LE') address.writeUInt16LE(unix, 0)
  else address.writeUInt16BE(unix, 0)
  address.set(name, 2)
  return address
}
