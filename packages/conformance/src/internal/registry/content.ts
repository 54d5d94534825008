import type { ManifestRecord } from '@podwright/contracts'

/** An image or index to serve, with all that belongs to it. */
export interface ScriptedImage {
  /** What the tag leads to; one of `manifests`. */
  readonly top: ManifestRecord
  readonly manifests: readonly ManifestRecord[]
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** An upload that was begun. */
export interface ScriptedUpload {
  readonly repository: string
  /** What has come of it. */
  bytes: Uint8Array
}

/** What a scripted registry has; a test may put things there and take them away. */
export interface RegistryContent {
  readonly blobs: Map<string, Uint8Array>
  /** By `NAME@DIGEST` and `NAME:TAG`. */
  readonly manifests: Map<string, ManifestRecord>
  /** By the last part of their path. */
  readonly uploads: Map<string, ScriptedUpload>
  readonly referrersApi: boolean
}

export function createRegistryContent(referrersApi: boolean): RegistryContent {
  return { blobs: new Map(), manifests: new Map(), uploads: new Map(), referrersApi }
}

/** A manifest by tag or digest. */
export function manifestAt({ manifests }: RegistryContent, name: string, reference: string): ManifestRecord | undefined {
  if (reference.includes(':')) return manifests.get(`${name}@${reference}`) ?? manifests.get(`*@${reference}`)
  return manifests.get(`${name}:${reference}`) ?? manifests.get('*:*')
}
