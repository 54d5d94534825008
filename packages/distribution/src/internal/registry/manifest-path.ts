import { mediaTypes } from '@podwright/oci'
import type { Repository } from '../../registry-client.ts'

/** What is asked for when a manifest is, as an Accept header. */
export const acceptedManifests: string = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.dockerManifest,
].join(', ')

/** Of a tag or a digest. */
export function manifestPath({ repository }: Repository, reference: string): string {
  return `/v2/${repository}/manifests/${reference}`
}
