import type { Storage, StoredImage } from '@podwright/contracts'
import { formatReference, isDigest, normalizeReference, parseNamed } from '@podwright/oci'
import { EngineError } from '../errors.ts'

/** An image that is here, and the name by which it was found; its id when it was found by that. */
export interface FoundImage {
  readonly image: StoredImage
  readonly name: string
}

/** Registries that a short name is looked for at, among the images that are here. `localhost` is where builds and loads put theirs. */
const localRegistries = ['localhost', 'docker.io']

/** Finds an image that is here by what somebody typed: a full id, a name, or an unambiguous prefix of an id, in this order. */
export function findLocalImage(storage: Storage, typed: string): FoundImage | undefined {
  const named = findNamedImage(storage, typed)
  if (named !== undefined) return named
  const byId = /^(sha256:)?[0-9a-f]{1,64}$/.test(typed) ? storage.findImage(typed) : undefined
  return byId === undefined ? undefined : { image: byId, name: byId.names[0] ?? byId.id }
}

/** Finds an image that is here by a name that somebody typed, and not by an id. */
export function findNamedImage(storage: Storage, typed: string): FoundImage | undefined {
  for (const name of possibleNames(typed)) {
    const image = storage.findImage(name)
    if (image !== undefined) return { image, name }
  }
  return undefined
}

/** @throws `ERR_IMAGE_NOT_FOUND` */
export function requireLocalImage(storage: Storage, typed: string): FoundImage {
  const found = findLocalImage(storage, typed)
  if (found !== undefined) return found
  throw new EngineError('ERR_IMAGE_NOT_FOUND', `no image here has the name or id "${typed}"`, {
    hint: `podwright images shows what is here; podwright pull ${typed} fetches it.`,
    details: { reference: typed },
  })
}

/** The full names that a typed one may have here. */
function possibleNames(typed: string): string[] {
  if (isDigest(typed) || /^[0-9a-f]{64}$/.test(typed)) return []
  const registries = parseNamed(typed).short ? localRegistries : ['docker.io']
  return registries.map((defaultRegistry) => formatReference(normalizeReference(typed, { defaultRegistry })))
}
