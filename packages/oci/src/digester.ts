import type { Digest, DigestAlgorithm } from './digest.ts'
import { OciError } from './errors.ts'

/** Computes one digest over bytes that come in pieces. */
export interface Digester {
  /** The bytes are read before it returns; the caller may reuse them. */
  update(bytes: Uint8Array): void
  /** The digest of all bytes so far. Call it once, last. */
  digest(): Digest
}

/** Makes a fresh digester. */
export type DigesterFactory = () => Digester

/** Options of `loadDigestAlgorithm`. */
export interface LoadDigestAlgorithmOptions {
  /** `portable` takes the JavaScript implementation also where node:crypto has one. @default 'fastest' */
  readonly implementation?: 'fastest' | 'portable' | undefined
}

const loaded = new Map<DigestAlgorithm, DigesterFactory>()

/**
 * Makes a digester at once: from node:crypto (sha256, sha384, sha512 wherever Node runs), or from what `loadDigestAlgorithm` has loaded.
 *
 * @param algorithm default `sha256`
 * @throws OciError `ERR_DIGEST_ALGORITHM_NOT_LOADED` for blake3, and for all of them in a browser, before they were loaded.
 */
export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  const factory = builtInFactory(algorithm) ?? loaded.get(algorithm)
  if (factory !== undefined) return factory()
  throw new OciError(
    'ERR_DIGEST_ALGORITHM_NOT_LOADED',
    `cannot compute a ${algorithm} digest: this platform has no implementation built in`,
    {
      hint: `Call and await loadDigestAlgorithm('${algorithm}') once before.`,
      details: { algorithm },
    },
  )
}

/** The digest of bytes that are all there. @throws OciError as `createDigester` */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  const digester = createDigester(algorithm)
  digester.update(bytes)
  return digester.digest()
}

/**
 * Loads what `createDigester` needs for an algorithm, where the platform has it not built in. Nothing is loaded where it has.
 *
 * @returns a factory of that implementation
 */
export async function loadDigestAlgorithm(algorithm: DigestAlgorithm, options: LoadDigestAlgorithmOptions = {}): Promise<DigesterFactory> {
  const builtIn = options.implementation === 'portable' ? undefined : builtInFactory(algorithm)
  if (builtIn !== undefined) return builtIn
  const factory = loaded.get(algorithm) ?? (await portableFactory(algorithm))
  loaded.set(algorithm, factory)
  return factory
}

function builtInFactory(algorithm: DigestAlgorithm): DigesterFactory | undefined {
  // Neither Node's OpenSSL nor any browser has blake3.
  if (algorithm === 'blake3') return undefined
  // Not an import, so that browsers and bundlers for them never see it.
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined) return undefined
  return () => {
    const hash = crypto.createHash(algorithm)
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => `${algorithm}:${hash.digest('hex')}`,
    }
  }
}

async function portableFactory(algorithm: DigestAlgorithm): Promise<DigesterFactory> {
  const create = await portableHash(algorithm)
  return () => {
    const hash = create()
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => `${algorithm}:${hexOf(hash.digest())}`,
    }
  }
}

/** What is used of a hash of @noble/hashes. */
interface PortableHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

async function portableHash(algorithm: DigestAlgorithm): Promise<() => PortableHash> {
  if (algorithm === 'blake3') {
    const { blake3 } = await import('@noble/hashes/blake3.js')
    return () => blake3.create()
  }
  const hashes = await import('@noble/hashes/sha2.js')
  return () => hashes[algorithm].create()
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
