import type { ContainerSummary } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, shortTargetFlags } from '../containers/targets.ts'
import { CliError } from '../errors.ts'

/** `podwright restart` */
export const restart: Command = defineCommand({
  name: 'restart',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Stop containers and start them again',
  description: 'One that does not run is started. One that is removed at its end stays.',
  flags: {
    ...shortTargetFlags,
    all: { kind: 'boolean', short: 'a', description: 'Restart every container, running or not' },
    running: { kind: 'boolean', description: 'Restart every container that runs' },
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
  examples: ['restart web', 'restart -t 1 web db', 'restart --running'],
  async run(context, { flags, args }) {
    if (flags.running === true && (args.length > 0 || flags.latest === true)) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', '--running means every container that runs: name none, and leave --latest out')
    }
    const engine = await context.engine()
    const { all = flags.running } = flags
    const references = await findTargets(
      engine,
      { args, flags: { ...flags, all } },
      { allOf: flags.running === true ? isRunning : isThere },
    )
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      await engine.containers.restart(reference, {
        signal,
        stopSignal: flags.signal,
        ...(flags.time !== undefined && { timeoutSeconds: flags.time }),
      })
      return reference
    })
  },
})

function isRunning({ state }: ContainerSummary): boolean {
  return state.status === 'running' || state.status === 'paused'
}

function isThere({ state }: ContainerSummary): boolean {
  return state.status !== 'removing'
}
