import type { AddToManifestOptions, Engine, StoredList } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { accessFlags } from '../images/registry-flags.ts'
import { insecureFlag, listAccessOptions } from '../manifests/insecure-flag.ts'
import { annotationsOf } from '../manifests/member-flags.ts'

/** `podwright manifest create` */
export const manifestCreate: Command = defineCommand({
  name: 'manifest create',
  usage: '[options] LIST [IMAGE...]',
  summary: 'Make a manifest list: one name for the images of several platforms',
  description: "Images are looked for here, then at registries. Prints the list's digest.",
  flags: {
    ...accessFlags,
    ...insecureFlag,
    all: { kind: 'boolean', description: 'Of a list among the images, add every image' },
    amend: { kind: 'boolean', short: 'a', description: 'Add to a list that there is' },
    annotation: { kind: 'words', value: 'NAME=VALUE', description: 'Annotation of the list' },
    format: {
      kind: 'text',
      short: 'f',
      description: 'How to write the list: oci or docker',
      defaultText: 'oci',
      choices: ['oci', 'docker', 'v2s2'],
    },
  },
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['manifest create app:1', 'manifest create app:1 app:1-amd64 app:1-arm64'],
  async run(context, { flags, args }) {
    const [name = '', ...images] = args
    const engine = await context.engine()
    const { signal } = context.signals
    const amends = flags.amend === true && (await engine.manifests.exists(name))
    const options = { ...listAccessOptions(flags), all: flags.all, signal }
    const list = amends
      ? await amend(engine, name, images, options)
      : await engine.manifests.create(name, {
          ...options,
          members: images,
          format: flags.format === undefined || flags.format === 'oci' ? 'oci' : 'docker',
          annotations: annotationsOf(flags.annotation),
        })
    context.stdout.write(`${list.descriptor.digest}\n`)
    return 0
  },
})

async function amend(engine: Engine, name: string, images: readonly string[], options: AddToManifestOptions): Promise<StoredList> {
  let list: StoredList | undefined
  for (const image of images) list = await engine.manifests.add(name, image, options)
  return list ?? engine.manifests.annotate(name, undefined, {}, options)
}
