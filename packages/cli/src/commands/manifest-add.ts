import { type Command, defineCommand } from '../command-line/command.ts'
import { accessFlags, accessOptions } from '../images/registry-flags.ts'
import { memberChanges, memberFlags } from '../manifests/member-flags.ts'

/** `podwright manifest add` */
export const manifestAdd: Command = defineCommand({
  name: 'manifest add',
  usage: '[options] LIST IMAGE [IMAGE...]',
  summary: 'Add images to a manifest list',
  description: "Images are looked for here, then at registries; docker://NAME asks the registry alone. Prints the list's digest.",
  flags: {
    ...accessFlags,
    ...memberFlags,
    all: { kind: 'boolean', description: 'Of a list, add every image' },
  },
  arguments: { minimum: 2, maximum: Number.POSITIVE_INFINITY },
  examples: ['manifest add app:1 app:1-arm64', 'manifest add --arch arm64 --variant v8 app:1 docker://registry.example.com/app:arm'],
  async run(context, { flags, args }) {
    const [name = '', ...images] = args
    const engine = await context.engine()
    let digest = ''
    for (const image of images) {
      const options = { ...accessOptions(flags), ...memberChanges(flags), all: flags.all, signal: context.signals.signal }
      digest = (await engine.manifests.add(name, image, options)).descriptor.digest
    }
    context.stdout.write(`${digest}\n`)
    return 0
  },
})

/** `podwright manifest annotate` */
export const manifestAnnotate: Command = defineCommand({
  name: 'manifest annotate',
  usage: '[options] LIST IMAGE',
  summary: 'Change what a manifest list says of an image',
  description: "The image is named by its digest, or as it is known here. Prints the list's digest.",
  flags: {
    ...memberFlags,
    index: { kind: 'boolean', description: 'Set the annotations of the list itself' },
  },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['manifest annotate --arch arm64 app:1 sha256:0123…', 'manifest annotate --index --annotation a=b app:1'],
  async run(context, { flags, args }) {
    const [name = '', member] = args
    const { CliError } = await import('../errors.ts')
    if ((flags.index === true) === (member !== undefined))
      throw new CliError('ERR_CLI_ARGUMENTS', 'name an image of the list, or give --index: one of them')
    const engine = await context.engine()
    const list = await engine.manifests.annotate(name, member, memberChanges(flags), { signal: context.signals.signal })
    context.stdout.write(`${list.descriptor.digest}\n`)
    return 0
  },
})
