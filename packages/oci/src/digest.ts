import { OciError } from './errors.ts'

/** `algorithm:hex`, such as `sha256:…` with 64 lower-case digits (image-spec v1.1, "Digests"). */
export type Digest = `${string}:${string}`

/** The algorithms that can be computed here. The image-spec registers all four; sha256 is what images use. */
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512' | 'blake3'

/** Hex digits by algorithm. */
const hexLengths: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128, blake3: 64 }

/** image-spec v1.1, "Digests": the grammar that also holds for algorithms that nobody has registered yet. */
const digestGrammar = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/
const lowerHex = /^[0-9a-f]+$/

/** What is quoted of a text that may be anything, in a message. */
const quotedCharacters = 160

/**
 * Reads a digest.
 *
 * @throws OciError `ERR_DIGEST_INVALID`, and `ERR_DIGEST_ALGORITHM_UNKNOWN` for an algorithm that can't be verified here.
 */
export function parseDigest(text: string): Digest {
  const [, algorithm, encoded] = digestGrammar.exec(text) ?? []
  const shown = JSON.stringify(text.slice(0, quotedCharacters))
  if (algorithm === undefined || encoded === undefined) {
    throw new OciError('ERR_DIGEST_INVALID', `cannot read ${shown} as a digest: it is not of the form algorithm:hex`)
  }
  const length = isKnownAlgorithm(algorithm) ? hexLengths[algorithm] : undefined
  if (length === undefined) {
    throw new OciError('ERR_DIGEST_ALGORITHM_UNKNOWN', `cannot use the digest ${shown}: its algorithm ${algorithm} is not known`, {
      hint: `The known ones are ${Object.keys(hexLengths).join(', ')}.`,
      details: { algorithm },
    })
  }
  if (encoded.length !== length || !lowerHex.test(encoded)) {
    throw new OciError('ERR_DIGEST_INVALID', `cannot read ${shown} as a digest: ${algorithm} has ${length} lower-case hexadecimal digits`)
  }
  return text as Digest
}

/** Whether `parseDigest` takes it. */
export function isDigest(value: unknown): value is Digest {
  if (typeof value !== 'string') return false
  const [, algorithm = '', encoded = ''] = digestGrammar.exec(value) ?? []
  return isKnownAlgorithm(algorithm) && encoded.length === hexLengths[algorithm] && lowerHex.test(encoded)
}

/** The part before the colon. @throws OciError as `parseDigest` */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  const parsed = parseDigest(digest)
  return parsed.slice(0, parsed.indexOf(':')) as DigestAlgorithm
}

/** The part after the colon, safe as a file name. @throws OciError as `parseDigest` */
export function digestHex(digest: Digest): string {
  const parsed = parseDigest(digest)
  return parsed.slice(parsed.indexOf(':') + 1)
}

function isKnownAlgorithm(algorithm: string): algorithm is DigestAlgorithm {
  return Object.hasOwn(hexLengths, algorithm)
}
