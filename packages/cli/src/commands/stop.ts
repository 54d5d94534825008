import type { ContainerSummary } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, shortTargetFlags } from '../containers/targets.ts'
import { isAbsence } from '../exit-codes.ts'

/** `podwright stop` */
export const stop: Command = defineCommand({
  name: 'stop',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Stop running containers',
  description:
    'Sends each container its stop signal, waits, and kills it when it has not ended by then. One that does not run is no error.',
  flags: {
    ...shortTargetFlags,
    all: { kind: 'boolean', short: 'a', description: 'Stop every running container' },
    ignore: { kind: 'boolean', short: 'i', description: 'A container that is not there is no error' },
    signal: { kind: 'text', short: 's', value: 'SIGNAL', description: 'What to send first', defaultText: "the container's, else SIGTERM" },
    time: {
      kind: 'integer',
      short: 't',
      aliases: ['timeout'],
      value: 'SECONDS',
      description: 'How long to wait before killing',
      defaultText: "the container's, else 10",
    },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['stop web', 'stop -t 1 web db', 'stop --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags }, { allOf: isRunning })
    const { signal } = context.signals
    const stopOne = async (reference: string): Promise<string> => {
      await engine.containers.stop(reference, {
        signal,
        stopSignal: flags.signal,
        ...(flags.time !== undefined && { timeoutSeconds: flags.time }),
      })
      return reference
    }
    return forEachReference(context, references, stopOne, { ignore: (error) => flags.ignore === true && isAbsence(error) })
  },
})

function isRunning({ state }: ContainerSummary): boolean {
  return state.status === 'running' || state.status === 'paused'
}
