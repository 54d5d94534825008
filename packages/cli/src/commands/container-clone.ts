import type { ContainerOptions, Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { imageOf } from '../containers/describe/image-of.ts'
import { ownOptions } from '../containers/describe/own-options.ts'
import { limitFlags } from '../containers/tuning/limit-flags.ts'
import { CliError } from '../errors.ts'

/** `podwright container clone` */
export const containerClone: Command = defineCommand({
  name: 'container clone',
  usage: '[options] CONTAINER [NAME [IMAGE]]',
  summary: 'Make another container like one',
  description:
    "With the options of that one, and limits and an image of its own where they are given. Its changed files, and its anonymous volumes' content, stay with it. Prints the new id.",
  flags: {
    ...limitFlags,
    destroy: { kind: 'boolean', description: 'Remove the one that it is made like' },
    force: { kind: 'boolean', short: 'f', description: 'With --destroy: also when it runs' },
    name: { kind: 'text', description: 'The name of the new one', defaultText: 'that of the other, with -clone' },
    run: { kind: 'boolean', description: 'Start it, too' },
  },
  arguments: { minimum: 1, maximum: 3 },
  examples: ['container clone web', 'container clone --run --memory 1g web web-2', 'container clone --destroy web front debian:13'],
  async run(context, { flags, args }) {
    const [reference = '', nameArgument, image] = args
    const { destroy = false, force = false } = flags
    if (force && !destroy) throw new CliError('ERR_CLI_FLAG_CONFLICT', '--force says how --destroy removes: it needs that')
    if (flags.name !== undefined && nameArgument !== undefined) throw new CliError('ERR_CLI_FLAG_CONFLICT', 'the container is named twice')
    const { resources } = (await import('../containers/tuning/resources.ts')).readResources(flags)
    const engine = await context.engine()
    const { signal } = context.signals
    const source = await engine.containers.inspect(reference, { signal })
    const name = flags.name ?? nameArgument ?? (await freeName(engine, source.name))
    const own = ownOptions(source, await imageOf(engine, source))
    const created = await engine.containers.create({
      ...own,
      mounts: own.mounts?.map(ownVolume),
      name,
      image: image ?? source.imageName,
      root: image === undefined ? own.root : undefined,
      ...(resources !== undefined && { resources: { ...own.resources, ...resources } }),
      createCommand: context.commandLine,
      signal,
    })
    if (context.logLevel !== 'error') for (const warning of created.warnings) context.stderr.write(`Warning: ${warning}\n`)
    if (destroy) await engine.containers.remove(source.id, { force, signal })
    if (flags.run === true) await engine.containers.start(created.id, { signal })
    context.stdout.write(`${created.id}\n`)
    return 0
  },
})

/** A volume that nobody named is the other one's alone: the new one gets its own. */
function ownVolume(mount: NonNullable<ContainerOptions['mounts']>[number]): typeof mount {
  if (mount.volume?.anonymous !== true) return mount
  const { anonymous: _is, ...volume } = mount.volume
  return { ...mount, source: undefined, volume }
}

async function freeName(engine: Engine, name: string): Promise<string> {
  const taken = new Set((await engine.containers.list({ all: true })).map((container) => container.name))
  const first = `${name}-clone`
  for (let count = 1, candidate = first; ; count++, candidate = `${first}${count - 1}`) if (!taken.has(candidate)) return candidate
}
