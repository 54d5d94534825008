import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import {
  type Descriptor,
  hostPlatform,
  isImageConfigMediaType,
  matchPlatform,
  parseImageConfig,
  parseManifest,
  type Platform,
} from '@podwright/oci'
import { collect } from '../collect.ts'
import { EngineError } from '../errors.ts'

/** The manifests that a name stands for: itself, or of a list the one for this host, or all. Each says its platform. */
export async function chosenManifests(
  source: ImageSource,
  top: ManifestRecord,
  { all, signal }: AbortOptions & { readonly all: boolean },
): Promise<ManifestRecord[]> {
  const parsed = parseManifest(top.bytes, top.descriptor.mediaType)
  if (parsed.kind === 'manifest') return [await withPlatform(source, top, parsed.manifest.config, { signal })]
  const { manifests } = parsed.index
  const one = all ? undefined : matchPlatform({ ...hostPlatform(), os: 'linux' }, manifests)
  if (!all && one === undefined) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot add ${source.reference}: it is a list without an image for this machine`, {
      hint: 'With --all every image of it is added.',
    })
  }
  const wanted: readonly Descriptor[] = one === undefined ? manifests : [one]
  return Promise.all(wanted.map(async (entry) => ({ ...(await source.manifest(entry.digest, { signal })), descriptor: entry })))
}

/** Of a single image only its config tells the platform. */
async function withPlatform(
  source: ImageSource,
  record: ManifestRecord,
  config: Descriptor,
  options: AbortOptions,
): Promise<ManifestRecord> {
  if (!isImageConfigMediaType(config.mediaType)) return record
  const { chunks } = await source.openBlob(config, options)
  const { os, architecture, variant } = parseImageConfig(Buffer.concat(await collect(chunks)))
  const platform: Platform = { os, architecture, ...(variant !== undefined && { variant }) }
  return { ...record, descriptor: { ...record.descriptor, platform } }
}
