import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'

/** `podwright container checkpoint` */
export const containerCheckpoint: Command = defineCommand({
  name: 'container checkpoint',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Write the processes of containers to disk, and end them',
  description:
    'They go on where they were with container restore. It is done by CRIU, for root alone, and by a runtime that knows it: runc, or a crun that is built with it.',
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Checkpoint every running container' },
    keep: { kind: 'boolean', short: 'k', description: "Keep CRIU's log and statistics" },
    'leave-running': { kind: 'boolean', short: 'R', description: 'Let the containers go on afterwards' },
    'tcp-established': { kind: 'boolean', description: 'Checkpoint established TCP connections, too' },
    'file-locks': { kind: 'boolean', description: 'Checkpoint file locks, too' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['container checkpoint web', 'container checkpoint --leave-running web'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: ({ state }) => state.status === 'running' })
    const { keep, 'leave-running': leaveRunning, 'tcp-established': tcpEstablished, 'file-locks': fileLocks } = flags
    const options = { keep, leaveRunning, tcpEstablished, fileLocks, signal: context.signals.signal }
    return forEachReference(context, references, async (reference) => {
      await engine.containers.checkpoint(reference, options)
      return reference
    })
  },
})
