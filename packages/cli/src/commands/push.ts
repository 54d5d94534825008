import type { Engine, PushOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { conversionFlags, conversionOptions, repackFlags, repackOptions } from '../images/conversion-flags.ts'
import { noSignaturesFlag } from '../images/copy-flags.ts'
import { accessFlags, accessOptions, platformOf, retryFlags, storedPlatformFlag } from '../images/registry-flags.ts'
import { openTransferReport } from '../images/transfer-report.ts'
import { pushWords } from '../images/transfer-words.ts'
import { writeDigestFile } from '../images/digest-file.ts'

/** `podwright push` */
export const push: Command = defineCommand({
  name: 'push',
  usage: '[options] IMAGE [DESTINATION]',
  summary: 'Send an image to a registry or another place',
  description:
    "Without a destination the image's own name says where to. A destination may have a transport: docker://, oci:, oci-archive:, docker-archive:, dir:. Layers that are there are not sent again; layers that are not compressed are sent with gzip.",
  flags: {
    ...accessFlags,
    ...retryFlags,
    ...conversionFlags,
    ...repackFlags,
    'all-tags': { kind: 'boolean', short: 'a', description: 'Send every tag that the repository has here' },
    compress: { kind: 'boolean', description: 'Compress layers with gzip, for dir:' },
    digestfile: { kind: 'text', value: 'FILE', description: 'Write the digest of what was sent into this file' },
    'disable-content-trust': {
      kind: 'boolean',
      description: 'Understood and not needed: there is no content trust of docker',
      hidden: true,
    },
    ...storedPlatformFlag,
    ...noSignaturesFlag,
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how it goes' },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: [
    'push registry.example.com/app:1',
    'push app:1 registry.example.com/team/app:1',
    'push --all-tags registry.example.com/app',
    'push app:1 oci-archive:app.tar',
  ],
  async run(context, { flags, args }) {
    const [reference = '', destination] = args
    const conversion = { ...conversionOptions(flags), ...(flags.compress === true && { compression: 'gzip' as const }) }
    const options: PushOptions = {
      ...accessOptions(flags),
      ...conversion,
      ...repackOptions(flags, conversion),
      ...(flags.platform !== undefined && { platform: await platformOf(flags) }),
    }
    const engine = await context.engine()
    if (flags['all-tags'] === true && destination !== undefined) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--all-tags sends each tag to its own name: leave the destination out')
    }
    const references = flags['all-tags'] === true ? await tagsOf(engine, reference) : [reference]
    for (const one of references) {
      const digest = await pushOne(context, engine, { reference: one, destination, options, quiet: flags.quiet === true })
      if (flags.digestfile !== undefined) writeDigestFile(flags.digestfile, digest)
    }
    return 0
  },
})

async function pushOne(
  context: CommandContext,
  engine: Engine,
  pushed: { readonly reference: string; readonly destination: string | undefined; readonly options: PushOptions; readonly quiet: boolean },
): Promise<string> {
  const { signal } = context.signals
  const result = await (async () => {
    using report = openTransferReport(context, pushed.quiet, pushWords)
    return await engine.images.push(pushed.reference, pushed.destination, { ...pushed.options, signal, onProgress: report.onProgress })
  })()
  if (!pushed.quiet) context.stderr.write(`Pushed ${result.destination}, ${result.digest}\n`)
  return result.digest
}

/** The names here that only differ by their tag. */
async function tagsOf(engine: Engine, typed: string): Promise<readonly string[]> {
  const { formatReference, normalizeReference, parseNamed, parseReference } = await import('@podwright/oci')
  const named = parseNamed(typed)
  if (named.tag !== undefined || named.digest !== undefined) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--all-tags wants a name without a tag, and ${typed} has one`)
  }
  const registries = named.short ? ['localhost', 'docker.io'] : ['docker.io']
  const meant = registries.map((defaultRegistry) => {
    const { registry, repository } = normalizeReference(typed, { defaultRegistry })
    return formatReference({ registry, repository })
  })
  const names = (await engine.images.list()).flatMap((image) => image.names)
  const found = names.filter((name) => {
    const { registry, repository } = parseReference(name)
    return meant.includes(formatReference({ registry, repository }))
  })
  if (found.length > 0) return found
  throw new CliError('ERR_CLI_NOT_FOUND', `no image here has a name of the repository ${typed}`, {
    hint: "'podwright images' shows what is here.",
  })
}
