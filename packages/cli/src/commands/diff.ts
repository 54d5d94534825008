import type { Engine, TreeChange } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { neither } from '../containers/neither.ts'
import { findTarget, latestFlag } from '../containers/targets.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { printable } from '../render/printable.ts'
import { renderJson } from '../render/json.ts'

const format = { kind: 'text', value: 'json', description: 'How to print: json', choices: ['json'] } as const

const description = 'A: added, C: changed, D: deleted.'

/** `podwright diff` */
export const diff: Command = defineCommand({
  name: 'diff',
  usage: '[options] CONTAINER|IMAGE [CONTAINER|IMAGE]',
  summary: 'Show what a container or image changes',
  description: `${description} Of a container: to its image; of an image: its topmost layer; of two: from the second to the first.`,
  flags: { format, ...latestFlag },
  arguments: { minimum: 0, maximum: 2 },
  examples: ['diff web', 'diff app:2 app:1'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { reference, rest } = await findTarget(engine, { args: flags.latest === true ? args : required(args), flags })
    const [against] = flags.latest === true ? args : rest
    return print(context, flags.format, await changesOfEither(engine, reference, { against, signal: context.signals.signal }))
  },
})

/** `podwright container diff` */
export const containerDiff: Command = defineCommand({
  name: 'container diff',
  usage: '[options] CONTAINER [CONTAINER|IMAGE]',
  summary: 'Show what a container changes',
  description,
  flags: { format, ...latestFlag },
  arguments: { minimum: 0, maximum: 2 },
  examples: ['container diff web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { reference, rest } = await findTarget(engine, { args: flags.latest === true ? args : required(args), flags })
    const [against] = flags.latest === true ? args : rest
    return print(context, flags.format, await engine.containers.changes(reference, { against, signal: context.signals.signal }))
  },
})

/** `podwright image diff` */
export const imageDiff: Command = defineCommand({
  name: 'image diff',
  usage: '[options] IMAGE [IMAGE]',
  summary: 'Show what an image changes',
  description: `${description} Of one image: its topmost layer; of two: from the second to the first.`,
  flags: { format },
  arguments: { minimum: 1, maximum: 2 },
  examples: ['image diff app:2', 'image diff app:2 app:1'],
  async run(context, { flags, args }) {
    const [reference = '', against] = args
    const engine = await context.engine()
    return print(context, flags.format, await engine.images.changes(reference, { against, signal: context.signals.signal }))
  },
})

function required(args: readonly string[]): readonly string[] {
  if (args.length > 0) return args
  throw new CliError('ERR_CLI_ARGUMENTS', 'no container or image is named', { hint: "See 'podwright ps -a' and 'podwright images'." })
}

async function changesOfEither(
  engine: Engine,
  reference: string,
  options: AbortOptions & { readonly against?: string | undefined },
): Promise<readonly TreeChange[]> {
  try {
    return await engine.containers.changes(reference, options)
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
  try {
    return await engine.images.changes(reference, options)
  } catch (error) {
    // It may be the other one that is not there.
    if (isPodwrightError(error, 'ERR_IMAGE_NOT_FOUND') && error.details['reference'] === reference) throw neither(reference, error)
    throw error
  }
}

const letters = { added: 'A', changed: 'C', deleted: 'D' } as const

function print({ stdout }: CommandContext, asked: string | undefined, changes: readonly TreeChange[]): number {
  if (asked === 'json') {
    const kinds = Map.groupBy(changes, ({ kind }) => kind)
    stdout.write(renderJson(Object.fromEntries([...kinds].map(([kind, items]) => [kind, items.map(({ path }) => path)]))))
  } else stdout.write(changes.map(({ kind, path }) => `${letters[kind]} ${printable(path)}\n`).join(''))
  return 0
}
