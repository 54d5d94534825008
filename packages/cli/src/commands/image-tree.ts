import type { Engine, ImageLayer, StoredImage } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { humanSize } from '../render/size.ts'

/** `podwright image tree` */
export const imageTree: Command = defineCommand({
  name: 'image tree',
  usage: '[options] IMAGE',
  summary: "Show an image's layers, and whose they are",
  flags: {
    whatrequires: { kind: 'boolean', description: 'Show the images that are made on top of it instead' },
  },
  arguments: { minimum: 1, maximum: 1 },
  examples: ['image tree debian:12', 'image tree --whatrequires debian:12'],
  async run(context, { flags, args }) {
    const [reference = ''] = args
    const engine = await context.engine()
    const { image } = await engine.images.inspect(reference)
    const branches = flags.whatrequires === true ? await childBranches(engine, image) : layerBranches(await engine.images.layers(reference))
    context.stdout.write([...heading(image, flags.whatrequires === true), ...branches].map((line) => `${line}\n`).join(''))
    return 0
  },
})

function heading({ id, names, sizeBytes }: StoredImage, children: boolean): readonly string[] {
  const title = children ? 'Images on top of it' : 'Image Layers'
  return [`Image ID: ${short(id)}`, `Tags:     [${names.join(' ')}]`, `Size:     ${humanSize(sizeBytes, 4)}`, title]
}

function layerBranches(layers: readonly ImageLayer[]): readonly string[] {
  return layers.map(({ chainId, sizeBytes, topOf }, index) => {
    const names = topOf.flatMap((image) => (image.names.length > 0 ? image.names : [short(image.id)]))
    const top = names.length > 0 ? ` Top Layer of: [${names.join(' ')}]` : ''
    return `${branch(index, layers.length)} ID: ${short(chainId)} Size: ${humanSize(sizeBytes, 4)}${top}`
  })
}

async function childBranches(engine: Engine, { id, layers }: StoredImage): Promise<readonly string[]> {
  const all = await engine.images.list()
  const on = all.filter(
    (other) => other.id !== id && other.layers.length > layers.length && layers.every((layer, index) => other.layers[index] === layer),
  )
  return on.map((child, index) => {
    const own = child.layers.length - layers.length
    return `${branch(index, on.length)} ID: ${short(child.id)} Tags: [${child.names.join(' ')}] ${own === 1 ? '1 layer' : `${own} layers`} more`
  })
}

function branch(index: number, count: number): string {
  return index === count - 1 ? '└──' : '├──'
}

function short(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
