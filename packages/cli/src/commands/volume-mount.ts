import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { exitCodeOfAbsence } from '../exit-codes.ts'

const rootless = 'What is mounted is seen by root; by a plain user inside podwright unshare.'

/** `podwright volume mount` */
export const volumeMount: Command = defineCommand({
  name: 'volume mount',
  usage: 'VOLUME [VOLUME...]',
  summary: 'Have what is in volumes where it can be looked at',
  description: `Prints where that is; what the volume's options say is mounted there until volume unmount. ${rootless}`,
  flags: {},
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['volume mount data'],
  async run(context, { args }) {
    const engine = await context.engine()
    const { signal } = context.signals
    return forEachReference(context, args, (reference) => engine.volumes.mount(reference, { signal }), { exitCode: exitCodeOfAbsence })
  },
})

/** `podwright volume unmount` */
export const volumeUnmount: Command = defineCommand({
  name: 'volume unmount',
  usage: 'VOLUME [VOLUME...]',
  summary: 'Undo volume mount',
  description: 'Prints the names. What containers use stays mounted for them.',
  flags: {},
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  examples: ['volume unmount data'],
  async run(context, { args }) {
    const engine = await context.engine()
    const { signal } = context.signals
    const unmount = async (reference: string): Promise<string> => {
      await engine.volumes.unmount(reference, { signal })
      return reference
    }
    return forEachReference(context, args, unmount, { exitCode: exitCodeOfAbsence })
  },
})
