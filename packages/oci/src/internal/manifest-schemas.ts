import * as z from 'zod/mini'
import type { Descriptor, ImageIndex, ImageManifest, Platform } from '../documents.ts'
import { digest, lazily, map, object, type Schema, size } from './schema.ts'

const platform: () => Schema<Platform> = lazily(() =>
  object<Platform>({
    os: z.prefault(z.string(), ''),
    architecture: z.prefault(z.string(), ''),
    variant: z.optional(z.string()),
    'os.version': z.optional(z.string()),
    'os.features': z.optional(z.array(z.string())),
  }),
)

const descriptor: () => Schema<Descriptor> = lazily(() =>
  object<Descriptor>({
    mediaType: z.string(),
    digest: digest(),
    size: size(),
    urls: z.optional(z.array(z.string())),
    annotations: z.optional(map(z.string(), '')),
    data: z.optional(z.string()),
    artifactType: z.optional(z.string()),
    platform: z.optional(platform()),
  }),
)

export const manifestSchema: () => Schema<ImageManifest> = lazily(() =>
  object<ImageManifest>({
    schemaVersion: z.literal(2),
    mediaType: z.optional(z.string()),
    artifactType: z.optional(z.string()),
    config: descriptor(),
    layers: z.prefault(z.array(descriptor()), []),
    subject: z.optional(descriptor()),
    annotations: z.optional(map(z.string(), '')),
  }),
)

export const indexSchema: () => Schema<ImageIndex> = lazily(() =>
  object<ImageIndex>({
    schemaVersion: z.literal(2),
    mediaType: z.optional(z.string()),
    artifactType: z.optional(z.string()),
    manifests: z.prefault(z.array(descriptor()), []),
    subject: z.optional(descriptor()),
    annotations: z.optional(map(z.string(), '')),
  }),
)
