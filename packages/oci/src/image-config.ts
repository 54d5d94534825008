import type { HealthcheckConfig, HistoryEntry, ImageConfig, ImageRunConfig } from './documents.ts'
import {
  anyObject,
  array,
  boolean,
  type Decode,
  digest,
  literal,
  number,
  object,
  optional,
  record,
  required,
  string,
} from './internal/decode.ts'
import { parseJsonDocument, readingDocument } from './internal/json-document.ts'

const decodeHealthcheck: Decode<HealthcheckConfig> = object<HealthcheckConfig>({
  Test: optional(array(string)),
  Interval: optional(number),
  Timeout: optional(number),
  StartPeriod: optional(number),
  StartInterval: optional(number),
  Retries: optional(number),
})

const decodeRunConfig: Decode<ImageRunConfig> = object<ImageRunConfig>({
  User: optional(string),
  ExposedPorts: optional(record(anyObject, {})),
  Env: optional(array(string)),
  Entrypoint: optional(array(string)),
  Cmd: optional(array(string)),
  Volumes: optional(record(anyObject, {})),
  WorkingDir: optional(string),
  Labels: optional(record(string, '')),
  StopSignal: optional(string),
  Healthcheck: optional(decodeHealthcheck),
  Shell: optional(array(string)),
  OnBuild: optional(array(string)),
  ArgsEscaped: optional(boolean),
})

const decodeHistory: Decode<HistoryEntry> = object<HistoryEntry>({
  created: optional(string),
  author: optional(string),
  created_by: optional(string),
  comment: optional(string),
  empty_layer: optional(boolean),
})

const decodeConfig: Decode<ImageConfig> = object<ImageConfig>({
  os: required(string, ''),
  architecture: required(string, ''),
  variant: optional(string),
  'os.version': optional(string),
  'os.features': optional(array(string)),
  created: optional(string),
  author: optional(string),
  config: optional(decodeRunConfig),
  rootfs: required(object<ImageConfig['rootfs']>({ type: required(literal('layers'), 'layers'), diff_ids: required(array(digest), []) })),
  history: optional(array(decodeHistory)),
})

/**
 * Reads an image's config. Keys that are null are dropped, unknown ones too: the bytes are what is kept. `os` and `architecture`, which old
 * builders left out, are then empty.
 *
 * @throws OciError `ERR_DOCUMENT_INVALID`, `ERR_DOCUMENT_TOO_LARGE`
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  return readingDocument('image config', () => decodeConfig(parseJsonDocument(bytes, 'image config'), ''))
}
