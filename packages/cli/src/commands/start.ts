import type { ContainerSummary, Engine } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { forEachReference } from '../containers/each.ts'
import { readHandedOn } from '../containers/handed-on.ts'
import { sendSignal } from '../containers/send-signal.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { CliError } from '../errors.ts'
import { attachFlags } from '../terminal/attach-flags.ts'
import { runForeground } from '../terminal/foreground.ts'

const startFlags = {
  ...latestFlag,
  ...attachFlags,
  all: { kind: 'boolean', description: 'Start every container that does not run' },
  filter: {
    kind: 'words',
    short: 'f',
    value: 'NAME=VALUE',
    description: 'Start those of them alone that ps --filter would show: restart-policy=always',
  },
  attach: { kind: 'boolean', short: 'a', description: 'Attach stdout and stderr, forward signals, and exit with its exit code' },
  interactive: { kind: 'boolean', short: 'i', description: 'Attach stdin too' },
} as const satisfies FlagDefinitions

/** `podwright start` */
export const start: Command = defineCommand({
  name: 'start',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Start containers',
  flags: startFlags,
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['start web', 'start -ai shell', 'start --all --filter restart-policy=always'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const all = flags.all === true || flags.filter.length > 0
    const references = await findTargets(engine, { args, flags }, { allOf: isDown })
    if (flags.attach === true || flags.interactive === true) return startAttached(context, engine, { references, flags })
    const { signal } = context.signals
    const handedOn = await readHandedOn(context, {}, { orSockets: true })
    return forEachReference(context, references, async (reference) => {
      try {
        await engine.containers.start(reference, { signal, handedOn })
      } catch (error) {
        // The keeper may have been faster.
        if (!all || !isPodwrightError(error, 'ERR_CONTAINER_RUNNING')) throw error
      }
      return reference
    })
  },
})

function isDown({ state }: ContainerSummary): boolean {
  return state.status === 'created' || state.status === 'exited' || state.status === 'initialized'
}

async function startAttached(
  context: CommandContext,
  engine: Engine,
  { references, flags }: { readonly references: readonly string[]; readonly flags: FlagValues<typeof startFlags> },
): Promise<number> {
  const [reference, ...others] = references
  if (reference === undefined || others.length > 0) {
    throw new CliError('ERR_CLI_ARGUMENTS', `cannot attach to ${references.length} containers at a time: name one`)
  }
  const handedOn = await readHandedOn(context, {}, { orSockets: true })
  const { id, options } = await engine.containers.inspect(reference)
  return runForeground(context, {
    terminal: options.terminal === true,
    stdin: flags.interactive === true && options.stdin === true,
    stdout: true,
    stderr: true,
    detachKeys: flags['detach-keys'],
    relay: flags['sig-proxy'] === false ? undefined : (name) => sendSignal(engine, id, name),
    begin: (streams) => engine.containers.start(id, { streams, handedOn }),
  })
}
