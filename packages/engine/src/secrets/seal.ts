import { systemCodeOf } from '@podwright/conventions'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { randomHex } from '@podwright/linux'
import { EngineError } from '../errors.ts'

const algorithm = 'aes-256-gcm'
const keyBytes = 32
/** NIST SP 800-38D, 8.2.2: random nonces of 96 bits are good for 2^32 messages under one key. */
const nonceBytes = 12
const tagBytes = 16

/**
 * Closes a secret up: a nonce, the tag and the encrypted bytes (AES-256-GCM). The id goes into the tag, so that no secret passes for another.
 *
 * @throws `ERR_SECRET_KEY`
 */
export function seal(keyFile: string, id: string, data: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, durableKey(keyFile), nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(id))
  const encrypted = Buffer.concat([cipher.update(data), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted])
}

/** The inverse of `seal`. @throws `ERR_SECRET_KEY` when the key is gone or another one, or the bytes have been changed */
export function unseal(keyFile: string, id: string, sealed: Uint8Array): Buffer {
  const key = readKey(keyFile)
  if (key === undefined) throw keyError(keyFile, 'it is not there')
  const bytes = Buffer.from(sealed)
  try {
    // Without the length, a tag that was cut short would do.
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(id))
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
  } catch (error) {
    throw keyError(keyFile, 'it is not the one that the secret was closed up with, or the secret has been changed since', error)
  }
}

function readKey(path: string): Buffer | undefined {
  try {
    const key = readFileSync(path)
    if (key.byteLength === keyBytes) return key
    throw keyError(path, `it has ${key.byteLength} bytes, not ${keyBytes}`)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The key, made when it isn't there. Its name is on the disk before anything is closed up with it, whoever made it: that one may still be on the way
 * there, and a power cut must not take the key and leave what it opens.
 */
function durableKey(path: string): Buffer {
  const key = readKey(path) ?? makeKey(path)
  syncDirectory(dirname(path))
  return key
}

/** Under a name of its own, on the disk, and then linked: of two at once, both have the first one's. */
function makeKey(path: string): Buffer {
  const key = randomBytes(keyBytes)
  const part = `${path}.${randomHex(4)}`
  try {
    withDescriptor(part, 'wx', (fd) => {
      writeSync(fd, key)
      fsyncSync(fd)
    })
    try {
      linkSync(part, path)
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error
    }
  } finally {
    rmSync(part, { force: true })
  }
  return readKey(path) ?? makeKey(path)
}

/** One that only its owner may read is somebody else's, and so is the key in it: it was there before. */
function syncDirectory(path: string): void {
  try {
    withDescriptor(path, 'r', fsyncSync)
  } catch (error) {
    if (systemCodeOf(error) !== 'EACCES') throw error
  }
}

function withDescriptor(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600)
  try {
    use(fd)
  } finally {
    closeSync(fd)
  }
}

function keyError(path: string, reason: string, cause?: unknown): EngineError {
  return new EngineError('ERR_SECRET_KEY', `cannot open the secret with the key in ${path}: ${reason}`, {
    cause,
    hint: 'Put the key back there, or make the secret again: podwright secret create --replace NAME FILE',
    details: { path },
  })
}
