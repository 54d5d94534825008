import * as z from 'zod/mini'
import type { HealthcheckConfig, HistoryEntry, ImageConfig, ImageRunConfig } from './documents.ts'
import { parseJsonDocument, readingDocument } from './internal/json-document.ts'
import { parseWithSchema } from './internal/parse-with-schema.ts'
import { anyObject, digest, lazily, map, object, type Schema } from './internal/schema.ts'

const configSchema: () => Schema<ImageConfig> = lazily(() =>
  object<ImageConfig>({
    os: z.prefault(z.string(), ''),
    architecture: z.prefault(z.string(), ''),
    variant: z.optional(z.string()),
    'os.version': z.optional(z.string()),
    'os.features': z.optional(z.array(z.string())),
    created: z.optional(z.string()),
    author: z.optional(z.string()),
    config: z.optional(runConfigSchema()),
    rootfs: object<ImageConfig['rootfs']>({
      type: z.prefault(z.literal('layers'), 'layers'),
      diff_ids: z.prefault(z.array(digest()), []),
    }),
    history: z.optional(z.array(historySchema())),
  }),
)

function runConfigSchema(): Schema<ImageRunConfig> {
  return object<ImageRunConfig>({
    User: z.optional(z.string()),
    ExposedPorts: z.optional(map(anyObject(), {})),
    Env: z.optional(z.array(z.string())),
    Entrypoint: z.optional(z.array(z.string())),
    Cmd: z.optional(z.array(z.string())),
    Volumes: z.optional(map(anyObject(), {})),
    WorkingDir: z.optional(z.string()),
    Labels: z.optional(map(z.string(), '')),
    StopSignal: z.optional(z.string()),
    Healthcheck: z.optional(healthcheckSchema()),
    Shell: z.optional(z.array(z.string())),
    OnBuild: z.optional(z.array(z.string())),
    ArgsEscaped: z.optional(z.boolean()),
  })
}

function healthcheckSchema(): Schema<HealthcheckConfig> {
  return object<HealthcheckConfig>({
    Test: z.optional(z.array(z.string())),
    Interval: z.optional(z.number()),
    Timeout: z.optional(z.number()),
    StartPeriod: z.optional(z.number()),
    StartInterval: z.optional(z.number()),
    Retries: z.optional(z.number()),
  })
}

function historySchema(): Schema<HistoryEntry> {
  return object<HistoryEntry>({
    created: z.optional(z.string()),
    author: z.optional(z.string()),
    created_by: z.optional(z.string()),
    comment: z.optional(z.string()),
    empty_layer: z.optional(z.boolean()),
  })
}

/**
 * Reads an image's config. Keys that are null are dropped, unknown ones too: the bytes are what is kept. `os` and `architecture`, which old
 * builders left out, are then empty.
 *
 * @throws OciError `ERR_DOCUMENT_INVALID`, `ERR_DOCUMENT_TOO_LARGE`
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  return readingDocument('image config', () => parseWithSchema(configSchema(), parseJsonDocument(bytes, 'image config')))
}
