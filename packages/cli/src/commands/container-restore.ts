import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'

/** `podwright container restore` */
export const containerRestore: Command = defineCommand({
  name: 'container restore',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Have containers go on from their checkpoints',
  description:
    'What container checkpoint wrote to disk is made again, and is removed once it runs. A start instead begins from the beginning.',
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Restore every container that was checkpointed' },
    keep: { kind: 'boolean', short: 'k', description: "Keep the checkpoint, and CRIU's log and statistics" },
    'tcp-established': { kind: 'boolean', description: 'Restore established TCP connections, too' },
    'file-locks': { kind: 'boolean', description: 'Restore file locks, too' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['container restore web', 'container restore --keep web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const found = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.status === 'exited' })
    const references = flags.all === true ? await checkpointed(engine, found) : found
    const { keep, 'tcp-established': tcpEstablished, 'file-locks': fileLocks } = flags
    const options = { keep, tcpEstablished, fileLocks, signal: context.signals.signal }
    return forEachReference(context, references, async (reference) => {
      await engine.containers.restore(reference, options)
      return reference
    })
  },
})

type Inspecting = {
  readonly containers: {
    inspect(id: string): Promise<{ readonly state: { readonly checkpoint?: { readonly checkpointedAt?: Date | undefined } | undefined } }>
  }
}

async function checkpointed({ containers }: Inspecting, ids: readonly string[]): Promise<readonly string[]> {
  const states = await Promise.all(ids.map(async (id) => ({ id, state: (await containers.inspect(id)).state })))
  return states.flatMap(({ id, state }) => (state.checkpoint?.checkpointedAt === undefined ? [] : [id]))
}
