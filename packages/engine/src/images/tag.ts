import type { UntagOptions } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { formatReference, normalizeReference, parseNamed } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'

/** Where images are that were made here and have a short name: no registry has them. */
const localRegistry = 'localhost'

/**
 * The full name that an image gets by a typed one: a short name is of `localhost`.
 *
 * @throws `ERR_IMAGE_OPTION_INVALID` for a name with a digest
 */
export function nameToGive(typed: string): string {
  const reference = normalizeReference(typed, { defaultRegistry: localRegistry })
  if (reference.digest === undefined) return formatReference(reference)
  throw new EngineError(
    'ERR_IMAGE_OPTION_INVALID',
    `cannot give an image the name ${typed}: a digest is what an image has, not what it is given`,
    {
      hint: `Use a tag: ${parseNamed(typed).repository}:TAG`,
      details: { name: typed },
    },
  )
}

/** Gives an image names. @returns in full */
export async function tagImage(parts: EngineParts, typed: string, names: readonly string[], { signal }: AbortOptions): Promise<string[]> {
  const storage = await parts.storage()
  const { image } = requireLocalImage(storage, typed)
  const full = names.map(nameToGive)
  for (const name of full) {
    signal?.throwIfAborted()
    await storage.tagImage(image.id, name)
  }
  return full
}

/** Takes names from an image, all that it has when none is given. @returns in full */
export async function untagImage(
  parts: EngineParts,
  typed: string,
  names: readonly string[],
  options: UntagOptions,
): Promise<readonly string[]> {
  const storage = await parts.storage()
  const { image } = requireLocalImage(storage, typed)
  const full = names.length === 0 ? undefined : names.map((name) => ownName(image.names, name))
  return storage.untagImage(image.id, full, options)
}

/** The name of the image that a typed one means. */
function ownName(names: readonly string[], typed: string): string {
  const registries = parseNamed(typed).short ? [localRegistry, 'docker.io'] : ['docker.io']
  const meant = registries.map((defaultRegistry) => formatReference(normalizeReference(typed, { defaultRegistry })))
  return meant.find((name) => names.includes(name)) ?? (meant.at(-1) as string)
}
