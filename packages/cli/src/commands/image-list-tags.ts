import { type Command, defineCommand } from '../command-line/command.ts'
import { identityFlags, identityOptions, retryTimesFlag } from '../images/identity-flags.ts'
import { accessFlags, accessOptions } from '../images/registry-flags.ts'
import { renderJson } from '../render/json.ts'

/** `podwright image list-tags` */
export const imageListTags: Command = defineCommand({
  name: 'image list-tags',
  usage: '[options] REPOSITORY|ARCHIVE',
  summary: 'List what the images at a place are called',
  description:
    'Of docker://HOST/NAME the tags, of docker-archive:FILE and oci:DIRECTORY the names. Prints a JSON document, as skopeo does.',
  flags: { ...accessFlags, ...identityFlags, ...retryTimesFlag },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['image list-tags docker://registry.example.com/app', 'image list-tags docker-archive:app.tar'],
  async run(context, { flags, args }) {
    const [typed = ''] = args
    const { isPlace, nameOf } = await import('../images/places.ts')
    const name = isPlace(typed) ? typed : `docker://${typed}`
    const engine = await context.engine()
    const tags: string[] = []
    for await (const tag of engine.images.listAt(name, {
      ...accessOptions(flags),
      ...identityOptions(flags),
      signal: context.signals.signal,
    }))
      tags.push(tag)
    context.stdout.write(renderJson(name.startsWith('docker://') ? { Repository: nameOf(name), Tags: tags } : { Tags: tags }))
    return 0
  },
})
