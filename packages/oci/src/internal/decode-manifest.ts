import type { Descriptor, ImageIndex, ImageManifest, Platform } from '../documents.ts'
import { array, type Decode, digest, literal, object, optional, record, required, size, string } from './decode.ts'

const decodePlatform: Decode<Platform> = object<Platform>({
  os: required(string, ''),
  architecture: required(string, ''),
  variant: optional(string),
  'os.version': optional(string),
  'os.features': optional(array(string)),
})

const decodeDescriptor: Decode<Descriptor> = object<Descriptor>({
  mediaType: required(string),
  digest: required(digest),
  size: required(size),
  urls: optional(array(string)),
  annotations: optional(record(string, '')),
  data: optional(string),
  artifactType: optional(string),
  platform: optional(decodePlatform),
})

export const decodeManifest: Decode<ImageManifest> = object<ImageManifest>({
  schemaVersion: required(literal(2)),
  mediaType: optional(string),
  artifactType: optional(string),
  config: required(decodeDescriptor),
  layers: required(array(decodeDescriptor), []),
  subject: optional(decodeDescriptor),
  annotations: optional(record(string, '')),
})

export const decodeIndex: Decode<ImageIndex> = object<ImageIndex>({
  schemaVersion: required(literal(2)),
  mediaType: optional(string),
  artifactType: optional(string),
  manifests: required(array(decodeDescriptor), []),
  subject: optional(decodeDescriptor),
  annotations: optional(record(string, '')),
})
