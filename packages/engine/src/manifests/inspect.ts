import type { RegistryOptions } from '@podwright/contracts'
import { resolveImage, resolveShortName } from '@podwright/distribution'
import { encodeDocument, parseNamed } from '@podwright/oci'
import { isPlace } from '../images/is-place.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { findList } from './find-list.ts'

/** The document of a list: of one here, or else of what a registry has under the name. */
export async function inspectList(parts: EngineParts, typed: string, options: RegistryOptions): Promise<Uint8Array> {
  const here = isPlace(typed) ? undefined : await findList(await parts.storage(), typed)
  if (here !== undefined) return encodeDocument(here.list.index)
  const name = typed.replace(/^docker:\/\//, '')
  await using access = await openRegistryAccess(parts, parseNamed(name).registry ?? 'docker.io', options)
  const { tlsVerify, signal } = options
  const { source, manifest } = await resolveImage(access, resolveShortName(name, access.config), {
    config: access.config,
    tlsVerify,
    signal,
  })
  await source[Symbol.asyncDispose]()
  return manifest.bytes
}
