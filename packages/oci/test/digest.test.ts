import { isPodwrightError } from '@podwright/conventions'
import {
  createDigester,
  digestAlgorithm,
  digestHex,
  digestOf,
  type DigestAlgorithm,
  isDigest,
  loadDigestAlgorithm,
  parseDigest,
} from '@podwright/oci'
import { describe, expect, test } from 'vitest'

const abc = new TextEncoder().encode('abc')
/** FIPS 180-2's and BLAKE3's own test vectors. */
const vectors: readonly (readonly [DigestAlgorithm, string, string])[] = [
  ['sha256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['sha384', 'abc', 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7'],
  [
    'sha512',
    'abc',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
  ['blake3', '', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
]

/** Runs what follows as in a browser: no node:crypto. */
function withoutNode<T>(run: () => T): T {
  const { process } = globalThis
  Reflect.deleteProperty(globalThis, 'process')
  try {
    return run()
  } finally {
    globalThis.process = process
  }
}

describe('digesters', () => {
  test.each(vectors)('%s has its test vector in each implementation', async (algorithm, text, hex) => {
    for (const implementation of ['fastest', 'portable'] as const) {
      const digester = (await loadDigestAlgorithm(algorithm, { implementation }))()
      digester.update(new TextEncoder().encode(text))
      expect(digester.digest()).toBe(`${algorithm}:${hex}`)
    }
  })

  test.each(vectors)('%s is the same in both implementations, however the bytes are cut', async (algorithm) => {
    const bytes = Uint8Array.from({ length: 10_007 }, (_, index) => index * 7)
    const digests = await Promise.all(
      ([1, 64, 4096, 10_007] as const).flatMap((step) =>
        (['fastest', 'portable'] as const).map(async (implementation) => {
          const digester = (await loadDigestAlgorithm(algorithm, { implementation }))()
          for (let start = 0; start < bytes.length; start += step) digester.update(bytes.subarray(start, start + step))
          return digester.digest()
        }),
      ),
    )
    expect(new Set(digests).size).toBe(1)
  })

  test('without node:crypto, an algorithm must be loaded first', async () => {
    const attempt = (algorithm: DigestAlgorithm): unknown => {
      try {
        return withoutNode(() => createDigester(algorithm))
      } catch (error) {
        return error
      }
    }
    // Loaded by the tests above; each test file has its own modules, so sha256 is there and gives the same.
    const portable = await loadDigestAlgorithm('sha256', { implementation: 'portable' })
    const digester = withoutNode(() => createDigester('sha256'))
    digester.update(abc)
    const other = portable()
    other.update(abc)
    expect(digester.digest()).toBe(other.digest())
    expect(isPodwrightError(attempt('md5' as DigestAlgorithm), 'ERR_DIGEST_ALGORITHM_NOT_LOADED')).toBe(true)
  })

  test('digestOf is sha256 by default', () => {
    expect(digestOf(abc)).toBe(`sha256:${vectors[0]?.[2]}`)
    expect(digestOf(abc, 'sha512')).toBe(`sha512:${vectors[2]?.[2]}`)
  })
})

describe('parseDigest', () => {
  const good = `sha256:${'0a'.repeat(32)}`

  test.each([good, `sha384:${'1'.repeat(96)}`, `sha512:${'f'.repeat(128)}`, `blake3:${'9'.repeat(64)}`])('takes %s', (text) => {
    expect(parseDigest(text)).toBe(text)
    expect(isDigest(text)).toBe(true)
    expect(`${digestAlgorithm(parseDigest(text))}:${digestHex(parseDigest(text))}`).toBe(text)
  })

  test.each([
    ['', 'ERR_DIGEST_INVALID'],
    ['sha256', 'ERR_DIGEST_INVALID'],
    ['sha256:', 'ERR_DIGEST_INVALID'],
    [`sha256:${'a'.repeat(63)}`, 'ERR_DIGEST_INVALID'],
    [`sha256:${'a'.repeat(65)}`, 'ERR_DIGEST_INVALID'],
    [`sha256:${'A'.repeat(64)}`, 'ERR_DIGEST_INVALID'],
    [`sha256:${'g'.repeat(64)}`, 'ERR_DIGEST_INVALID'],
    [`sha256:../../${'a'.repeat(58)}`, 'ERR_DIGEST_INVALID'],
    [`SHA256:${'a'.repeat(64)}`, 'ERR_DIGEST_INVALID'],
    [` ${good}`, 'ERR_DIGEST_INVALID'],
    [`${good}\n`, 'ERR_DIGEST_INVALID'],
    ['multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8', 'ERR_DIGEST_ALGORITHM_UNKNOWN'],
    ['md5:d41d8cd98f00b204e9800998ecf8427e', 'ERR_DIGEST_ALGORITHM_UNKNOWN'],
    ['constructor:aa', 'ERR_DIGEST_ALGORITHM_UNKNOWN'],
  ])('refuses %j with %s', (text, code) => {
    expect(isDigest(text)).toBe(false)
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code }))
  })
})
