import type { Digest } from './digest.ts'
import { digestOf } from './digester.ts'

const encoder = new TextEncoder()

/**
 * Names each stack of layers: the first is its diffID, each further one the digest of the chainID below, a space and its diffID
 * (image-spec v1.1, config.md, "Layer ChainID").
 *
 * @param diffIds lowest first
 * @returns as many, in the same order; the last names the whole stack
 * @throws OciError `ERR_DIGEST_ALGORITHM_NOT_LOADED` in a browser, unless `loadDigestAlgorithm('sha256')` was awaited before
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(encoder.encode(`${below} ${diffId}`)))
  }
  return chain
}
