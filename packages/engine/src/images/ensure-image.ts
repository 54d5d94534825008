import type { PulledImage, PullOptions } from '@podwright/contracts'
import { parseNamed } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { noteImage } from '../events/note-image.ts'
import { helloName } from '../hello/name.ts'
import type { EngineParts } from '../parts.ts'
import { findLocalImage, findNamedImage } from './find-image.ts'
import { isPlace } from './is-place.ts'

/** Sees to it that an image is here, by the pull policy. Fetching is loaded only when something is fetched. */
export async function ensureImage(parts: EngineParts, name: string, options: PullOptions): Promise<PulledImage> {
  const typed = name.startsWith('docker://') ? name.slice('docker://'.length) : name
  if (isPlace(typed)) return notePull(parts, await (await import('./pull-place.ts')).pullFromPlace(parts, typed, options))
  const policy = options.policy ?? 'always'
  const storage = await parts.storage()
  const local = policy === 'always' ? undefined : findLocalImage(storage, typed)
  if (local !== undefined && policy !== 'newer') return { ...local, digest: undefined, updated: false }
  if (policy === 'never') {
    throw new EngineError('ERR_IMAGE_NOT_PULLED', `the image "${typed}" is not here, and the pull policy is "never"`, {
      hint: `podwright pull ${typed} fetches it.`,
      details: { reference: typed },
    })
  }
  if (isEmbedded(typed)) return notePull(parts, await (await import('./unpack-hello.ts')).unpackHello(parts, options))
  if (findNamedImage(storage, typed) === undefined) storage.prepareUnpacking()
  const { pullImage } = await import('./pull.ts')
  return notePull(parts, await pullImage(parts, typed, options))
}

async function notePull(parts: EngineParts, pulled: PulledImage): Promise<PulledImage> {
  await noteImage(parts, 'pull', pulled.image.id, pulled.name)
  return pulled
}

/** Whether the name means the image that is embedded in the engine: `hello` without a registry, or its full name. */
function isEmbedded(typed: string): boolean {
  if (typed === helloName) return true
  if (!typed.startsWith('hello')) return false
  const named = parseNamed(typed)
  return named.short && named.repository === 'hello' && (named.tag ?? 'latest') === 'latest' && named.digest === undefined
}
