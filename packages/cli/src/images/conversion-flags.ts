import type { ConversionOptions } from '@podwright/contracts'
import { CliError } from '../errors.ts'
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

/** How layers are compressed anew. */
export const repackFlags = {
  'compression-level': {
    kind: 'integer',
    value: 'LEVEL',
    description: 'How hard to compress the layers that are compressed anew: 1 to 9 for gzip, 1 to 22 for zstd',
    defaultText: '6 for gzip, 3 for zstd',
  },
  'force-compression': {
    kind: 'boolean',
    description: 'Send layers in no other compression than --compression-format, which is gzip then',
    defaultText: 'true with --compression-format',
  },
} as const

/** What these flags say. `--force-compression=false` would allow other compressions to be taken for what was asked for: nothing is looked for. */
export function repackOptions(flags: FlagValues<typeof repackFlags>, { compression }: ConversionOptions): ConversionOptions {
  const forced = compression ?? (flags['force-compression'] === true ? 'gzip' : undefined)
  return {
    ...(forced !== undefined && { compression: forced }),
    ...levelOptions('--compression-level', flags['compression-level'], forced),
  }
}

/** @throws CliError `ERR_CLI_FLAG_VALUE` */
export function levelOptions(flag: string, level: number | undefined, compression: ConversionOptions['compression']): ConversionOptions {
  if (level === undefined) return {}
  if (compression === 'none')
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `${flag} is for layers that are compressed, and these are not to be`)
  const maximum = compression === 'zstd' ? 22 : 9
  if (level >= 1 && level <= maximum) return { compressionLevel: level }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${level}" for ${flag}: of ${compression ?? 'gzip'} it is 1 to ${maximum}`)
}

/** What these flags say. */
export function conversionOptions(flags: FlagValues<typeof conversionFlags>): ConversionOptions {
  const { format, 'compression-format': compression } = flags
  return {
    ...(format !== undefined && { format: format === 'oci' ? 'oci' : 'docker' }),
    ...(compression !== undefined && { compression: compression === 'zstd' ? 'zstd' : 'gzip' }),
  }
}
