import type { ConversionOptions, CopyImageOptions } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { conversionFlags, conversionOptions, levelOptions } from './conversion-flags.ts'

/** How layers are packed at the destination of a copy, in skopeo's words. */
export const packingFlags = {
  'dest-compress': { kind: 'boolean', description: 'Compress layers with gzip, for dir:' },
  'dest-compress-format': {
    kind: 'text',
    value: 'gzip|zstd',
    description: 'The same as --compression-format',
    choices: ['gzip', 'zstd'],
  },
  'dest-compress-level': {
    kind: 'integer',
    value: 'LEVEL',
    description: 'How hard to compress the layers that are compressed anew: 1 to 9 for gzip, 1 to 22 for zstd',
    defaultText: '6 for gzip, 3 for zstd',
  },
  'dest-decompress': { kind: 'boolean', description: 'Write layers that are not compressed' },
  'dest-oci-accept-uncompressed-layers': {
    kind: 'boolean',
    description: 'Understood and not needed: layers are not compressed unless asked for',
    hidden: true,
  },
  'dest-precompute-digests': {
    kind: 'boolean',
    description: 'Understood and not needed: a registry is never sent a layer that it has',
    hidden: true,
  },
} as const

/** What an image becomes at the destination of a copy. */
export const destinationFlags: typeof conversionFlags & typeof packingFlags = { ...conversionFlags, ...packingFlags }

/** What these flags say. @throws CliError `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_FLAG_VALUE` */
export function destinationOptions(flags: FlagValues<typeof destinationFlags>): ConversionOptions {
  const { compression: asked, ...format } = conversionOptions(flags)
  const wishes = {
    'compression-format': asked,
    'dest-compress-format': flags['dest-compress-format'] as 'gzip' | 'zstd' | undefined,
    // Beside a format it says no more than that.
    'dest-compress': flags['dest-compress'] === true ? (flags['dest-compress-format'] === 'zstd' ? 'zstd' : (asked ?? 'gzip')) : undefined,
    'dest-decompress': flags['dest-decompress'] === true ? 'none' : undefined,
  } as const
  const given = Object.entries(wishes).filter(([, wish]) => wish !== undefined)
  const compression = given[0]?.[1]
  const other = given.find(([, wish]) => wish !== compression)
  if (other !== undefined) throw new CliError('ERR_CLI_FLAG_CONFLICT', `--${given[0]?.[0]} and --${other[0]} contradict each other`)
  return {
    ...format,
    ...(compression !== undefined && { compression }),
    ...levelOptions('--dest-compress-level', flags['dest-compress-level'], compression),
  }
}

/** Which images of a list. */
export const multiArchFlags = {
  all: { kind: 'boolean', short: 'a', description: 'Of a list, copy every image' },
  'multi-arch': {
    kind: 'text',
    description: 'Of a list: the image for this system, all, or the list alone, whose images must be there',
    defaultText: 'system',
    choices: ['system', 'all', 'index-only'],
  },
} as const

/** What these flags say. @throws CliError `ERR_CLI_FLAG_CONFLICT` */
export function multiArchOptions(flags: FlagValues<typeof multiArchFlags>): Pick<CopyImageOptions, 'all' | 'indexOnly'> {
  const { all, 'multi-arch': which } = flags
  if (which === undefined) return { ...(all !== undefined && { all }) }
  if (all === true) throw new CliError('ERR_CLI_FLAG_CONFLICT', '--all and --multi-arch both say which images to copy: give one of them')
  return which === 'all' ? { all: true } : which === 'index-only' ? { indexOnly: true } : {}
}
