import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { CliError } from '../errors.ts'
import { identityFlags, identityOptions, retryTimesFlag } from '../images/identity-flags.ts'
import { accessFlags, accessOptions } from '../images/registry-flags.ts'

/** `podwright image delete` */
export const imageDelete: Command = defineCommand({
  name: 'image delete',
  usage: '[options] PLACE [PLACE...]',
  summary: 'Delete images at a registry or another place',
  description:
    'At a registry every tag of the same manifest goes with it, as with skopeo; what the registry does with layers is its own business. Images that are here are removed by podwright rmi.',
  flags: {
    ...accessFlags,
    ...identityFlags,
    ...retryTimesFlag,
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['image delete docker://registry.example.com/app:1', 'image delete --dry-run docker://registry.example.com/app:1'],
  async run(context, { flags, args }) {
    const { isPlace } = await import('../images/places.ts')
    const bare = args.find((typed) => !isPlace(typed))
    if (bare !== undefined) {
      throw new CliError('ERR_CLI_ARGUMENTS', `"${bare}" has no transport, so that it is not certain where to delete it`, {
        hint: `At a registry: docker://${bare}. Here: podwright rmi ${bare}`,
      })
    }
    const engine = await context.engine()
    const access = { ...accessOptions(flags), ...identityOptions(flags), signal: context.signals.signal }
    return forEachReference(context, args, async (place) => {
      if (flags['dry-run'] === true) {
        const { reference, top } = await engine.images.inspectAt(place, { ...access, tags: false })
        return `Would delete: ${reference} (${top.digest})`
      }
      await engine.images.deleteAt(place, access)
      return `Deleted: ${place}`
    })
  },
})
