import { closeSync, openSync, readSync } from 'node:fs'

/**
 * Random bytes from the kernel, in hex digits: for ids and for names of files. The same source as `node:crypto` has, without the 5 ms that
 * loading it takes at start-up.
 */
export function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes)
  const descriptor = openSync('/dev/urandom', 'r')
  try {
    // The device never gives less than what is asked for, up to 256 bytes (random(4)).
    for (let filled = 0; filled < bytes;) filled += readSync(descriptor, buffer, filled, bytes - filled, null)
  } finally {
    closeSync(descriptor)
  }
  return buffer.toString('hex')
}
