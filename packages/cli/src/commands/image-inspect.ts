import type { InspectAtOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { identityFlags, identityOptions, retryTimesFlag } from '../images/identity-flags.ts'
import { accessFlags, accessOptions, platformFlags, platformOf } from '../images/registry-flags.ts'
import { renderError } from '../render/error.ts'
import { imageInspect as storedImageInspect } from './inspect.ts'

/** What of a distant image is shown. */
interface Distant {
  readonly format: string | undefined
  readonly what: 'facts' | 'raw' | 'config' | 'raw config'
  readonly options: InspectAtOptions
}

/** `podwright image inspect` */
export const imageInspect: Command = defineCommand({
  name: 'image inspect',
  usage: '[options] IMAGE|PLACE [IMAGE|PLACE...]',
  summary: 'Show everything known of images',
  description:
    'Of an image here, a JSON array. Of docker://HOST/NAME:TAG, oci:DIRECTORY:NAME and the like, what skopeo inspect shows: nothing but the manifest and the config is fetched. Exits with 1 when something is not there; what was found is printed all the same.',
  flags: {
    ...accessFlags,
    ...identityFlags,
    ...retryTimesFlag,
    ...platformFlags,
    config: { kind: 'boolean', description: 'Of a place: show the config' },
    format: shortFormatFlag,
    'no-tags': { kind: 'boolean', short: 'n', description: "Of a place: leave the repository's tags out" },
    raw: { kind: 'boolean', description: 'Of a place: the manifest, or with --config the config, byte for byte' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['image inspect debian', 'image inspect docker://debian:12', 'image inspect --raw docker://debian:12'],
  async run(context, { flags, args }) {
    const { isPlace } = await import('../images/places.ts')
    const distant = args.filter(isPlace)
    const stored = args.filter((reference) => !isPlace(reference))
    if (stored.length > 0 && (flags.raw === true || flags.config === true)) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--raw and --config are for places such as docker://NAME')
    }
    const options = {
      ...accessOptions(flags),
      ...identityOptions(flags),
      platform: await platformOf(flags),
      tags: flags['no-tags'] !== true && flags.raw !== true,
    }
    const what = flags.raw === true ? (flags.config === true ? 'raw config' : 'raw') : flags.config === true ? 'config' : 'facts'
    let status: number = exitCodes.success
    for (const place of distant) status = Math.max(status, await inspectPlace(context, place, { format: flags.format, what, options }))
    return stored.length === 0
      ? status
      : Math.max(status, await storedImageInspect.run(context, { flags: { format: flags.format }, args: stored }))
  },
})

async function inspectPlace(context: CommandContext, place: string, { format, what, options }: Distant): Promise<number> {
  readFormat(format)
  const engine = await context.engine()
  try {
    const image = await engine.images.inspectAt(place, { ...options, signal: context.signals.signal })
    const { distantDocument } = await import('../images/distant-view.ts')
    const { printDocument } = await import('../render/print-documents.ts')
    if (what === 'raw') context.stdout.write(image.topBytes)
    else if (what === 'raw config') context.stdout.write(image.configBytes ?? '')
    else {
      const document = what === 'config' ? (image.config ?? {}) : distantDocument(image)
      await printDocument(context.stdout, document, { format: format ?? 'json', typeName: 'Inspected', maps: ['Labels', 'Annotations'] })
    }
    return exitCodes.success
  } catch (error) {
    context.stderr.write(renderError(error, context.logLevel))
    return exitCodes.failure
  }
}
