import type { ByteSource } from './entry.ts'
import type { ExtractOptions, ExtractResult } from './extract-options.ts'

export async function extractLayer(
  _input: ByteSource,
  _directory: string | Uint8Array,
  _options: ExtractOptions = {},
): Promise<ExtractResult> {
  throw new Error('not yet')
}
