import type { ConversionOptions } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'

/** What an image is turned into on its way. */
export const conversionFlags = {
  format: {
    kind: 'text',
    short: 'f',
    value: 'oci|docker',
    description: "How to write the image's documents: oci, or docker (also v2s2)",
    defaultText: 'as they are',
    choices: ['oci', 'docker', 'v2s2'],
  },
  'compression-format': {
    kind: 'text',
    value: 'gzip|zstd',
    description: 'How to compress layers that are not compressed so',
    defaultText: 'as they are',
    choices: ['gzip', 'zstd'],
  },
} as const

/** What these flags say. */
export function conversionOptions(flags: FlagValues<typeof conversionFlags>): ConversionOptions {
  const { format, 'compression-format': compression } = flags
  return {
    ...(format !== undefined && { format: format === 'oci' ? 'oci' : 'docker' }),
    ...(compression !== undefined && { compression: compression === 'zstd' ? 'zstd' : 'gzip' }),
  }
}
