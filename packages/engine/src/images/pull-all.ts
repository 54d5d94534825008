import type { PulledImage, PullOptions } from '@podwright/contracts'
import { formatReference, parseNamed } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { collect } from '../collect.ts'
import type { EngineParts } from '../parts.ts'
import { findTags } from '../registries/tags.ts'
import { ensureImage } from './ensure-image.ts'

/** Fetches every tag of a repository, one after the other: each uses the line fully. */
export async function* pullAllTags(parts: EngineParts, typed: string, options: PullOptions): AsyncGenerator<PulledImage> {
  const named = parseNamed(typed)
  if (named.tag !== undefined || named.digest !== undefined) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot pull all tags of ${typed}: it names one of them`, {
      hint: 'Leave the tag out.',
    })
  }
  // All names first: a list that changes while layers are fetched would be asked for page by page over minutes.
  const found = await collect(findTags(parts, typed, options))
  for (const { reference, tag } of found) yield await ensureImage(parts, formatReference({ ...reference, tag }), options)
}
