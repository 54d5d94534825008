import type { ContainerDetails, Engine, ImageDetails } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import type { ContainerSizes } from '../containers/container-sizes.ts'
import { neither } from '../containers/neither.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOfAbsence, isAbsence } from '../exit-codes.ts'
import { CliError } from '../errors.ts'
import { renderError } from '../render/error.ts'
import { printDocuments } from '../render/print-documents.ts'

/** Keys of inspected objects below which names are somebody's own. */
const inspectMaps: readonly string[] = [
  'Annotations',
  'Data',
  'ExposedPorts',
  'Labels',
  'Networks',
  'Options',
  'PortBindings',
  'Ports',
  'Sysctls',
  'Tmpfs',
  'Volumes',
]

/** What is looked for, in this order. */
type Kind = 'container' | 'image'

const commonFlags = { format: shortFormatFlag } as const satisfies FlagDefinitions
const containerOnlyFlags = {
  ...commonFlags,
  ...latestFlag,
  size: { kind: 'boolean', short: 's', description: 'With what a container has changed, and takes with its image: SizeRw, SizeRootFs' },
} as const satisfies FlagDefinitions
const anyFlags = {
  ...containerOnlyFlags,
  type: {
    kind: 'text',
    short: 't',
    description: 'Look only for one type: container or image',
    defaultText: 'all',
    choices: ['container', 'image', 'all', 'network', 'pod', 'volume'],
  },
} as const satisfies FlagDefinitions

const description = 'Prints a JSON array. Exits with 1 when something is not there; what was found is printed all the same.'

/** `podwright inspect` */
export const inspect: Command = defineCommand({
  name: 'inspect',
  usage: '[options] NAME|ID [NAME|ID...]',
  summary: 'Show everything known of containers or images',
  description,
  flags: anyFlags,
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['inspect web', "inspect -f '{{.State.Status}}' web", 'inspect --type image debian'],
  run: (context, { flags, args }) => inspectAll(context, { flags, args, kinds: kindsOf(flags) }),
})

/** `podwright container inspect` */
export const containerInspect: Command = defineCommand({
  name: 'container inspect',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Show everything known of containers',
  description,
  flags: containerOnlyFlags,
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['container inspect web'],
  run: (context, { flags, args }) => inspectAll(context, { flags, args, kinds: ['container'] }),
})

/** `podwright image inspect` */
export const imageInspect: Command = defineCommand({
  name: 'image inspect',
  usage: '[options] IMAGE [IMAGE...]',
  summary: 'Show everything known of images',
  description,
  flags: commonFlags,
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['image inspect debian'],
  run: (context, { flags, args }) => inspectAll(context, { flags, args, kinds: ['image'] }),
})

function kindsOf({ type, latest }: FlagValues<typeof anyFlags>): readonly Kind[] {
  if (latest === true) return ['container']
  if (type === undefined || type === 'all') return ['container', 'image']
  if (type === 'container' || type === 'image') return [type]
  throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot inspect a ${type}: podwright does not have ${type}s yet`)
}

async function inspectAll(
  context: CommandContext,
  input: {
    readonly flags: { readonly format?: string | undefined; readonly latest?: boolean | undefined; readonly size?: boolean | undefined }
    readonly args: readonly string[]
    readonly kinds: readonly Kind[]
  },
): Promise<number> {
  readFormat(input.flags.format)
  const engine = await context.engine()
  const references = await findTargets(engine, input)
  const sizes =
    input.flags.size === true
      ? await (await import('../containers/container-sizes.ts')).readContainerSizes(engine, { signal: context.signals.signal })
      : undefined
  const documents: object[] = []
  let status = 0
  for (const reference of references) {
    try {
      documents.push(await inspectOne(engine, reference, input.kinds, sizes))
    } catch (error) {
      context.stderr.write(renderError(error, context.logLevel))
      status = Math.max(status, exitCodeOfAbsence(error))
    }
  }
  await printDocuments(context.stdout, documents, { format: input.flags.format, typeName: 'Inspected', maps: inspectMaps })
  return status
}

async function inspectOne(engine: Engine, reference: string, kinds: readonly Kind[], sizes: ContainerSizes | undefined): Promise<object> {
  if (kinds.includes('container')) {
    const container = await findContainer(engine, reference, kinds.length === 1)
    if (container !== undefined) {
      const { containerDocument } = await import('../containers/inspect-view.ts')
      const document = containerDocument(container, await imageConfigOf(engine, container))
      const size = sizes?.get(container.id)
      return size === undefined ? document : { ...document, SizeRw: size.changedBytes, SizeRootFs: size.totalBytes }
    }
  }
  const { imageDocument } = await import('../images/inspect-view.ts')
  try {
    return imageDocument(await engine.images.inspect(reference))
  } catch (error) {
    if (kinds.length === 1 || !isAbsence(error)) throw error
    throw neither(reference, error)
  }
}

/** Undefined when there is none and something else may be meant. */
async function findContainer(engine: Engine, reference: string, only: boolean): Promise<ContainerDetails | undefined> {
  try {
    return await engine.containers.inspect(reference)
  } catch (error) {
    if (only || !isAbsence(error)) throw error
    return undefined
  }
}

/** The image may have gone since. */
async function imageConfigOf(engine: Engine, { imageId, options }: ContainerDetails): Promise<ImageDetails | undefined> {
  if (options.root !== undefined) return undefined
  try {
    return await engine.images.inspect(imageId)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}
