import type { HandedOn } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { containerFlags } from '../containers/container-flags.ts'
import { handedOnFlags, readHandedOn } from '../containers/handed-on.ts'
import { type CreatedContainer, createContainer, orRemove } from '../containers/create-container.ts'
import { sendSignal } from '../containers/send-signal.ts'
import { CliError } from '../errors.ts'
import { parseDetachKeys } from '../terminal/detach-keys.ts'
import { attachFlags } from '../terminal/attach-flags.ts'
import { runForeground } from '../terminal/foreground.ts'
import { warnWithoutTerminal } from '../terminal/warn-without-terminal.ts'

const runFlags = {
  ...containerFlags,
  ...attachFlags,
  ...handedOnFlags,
  detach: { kind: 'boolean', short: 'd', description: "Run in the background and print the container's id" },
  rmi: { kind: 'boolean', description: 'Remove the image, too, when the container has ended; implies --rm' },
} as const satisfies FlagDefinitions

type RunFlags = FlagValues<typeof runFlags>

/** `podwright run` */
export const run: Command = defineCommand({
  name: 'run',
  usage: '[options] IMAGE [COMMAND [ARG...]]',
  summary: 'Run a command in a new container',
  description:
    'Fetches the image when it is not here, creates a container, starts it, and exits with the exit code of its command; with 125 when podwright fails, 126 when the command cannot be executed, 127 when it is not there.',
  flags: runFlags,
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['run --rm debian cat /etc/os-release', 'run -it --rm debian bash', 'run -d --name web -v ./site:/srv:ro debian sleep 100'],
  async run(context, { flags, args }) {
    checkFlags(flags)
    const request = { flags: flags.rmi === true ? { ...flags, rm: true } : flags, args }
    const handedOn = await readHandedOn(context, flags, { orSockets: true })
    const created = await createContainer(context, request, { startsNext: true, handedOn })
    const start = (): Promise<number> =>
      flags.detach === true ? startDetached(context, created, { handedOn }) : startAttached(context, created, { flags, handedOn })
    const code = await (created.options.autoRemove === true ? orRemove(created.engine, created.id, start) : start())
    if (flags.rmi === true) await (await import('../containers/remove-image.ts')).removeImageAfter(context, created)
    return code
  },
})

/** What contradicts itself must fail before anything is fetched. */
function checkFlags(flags: RunFlags): void {
  if (flags.detach === true && flags.attach.length > 0) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--detach and --attach contradict each other')
  }
  if (flags.rmi === true && flags.rm === false) throw new CliError('ERR_CLI_FLAG_CONFLICT', 'the --rmi option does not work without --rm')
  if (flags.rmi === true && flags.detach === true) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', 'cannot honour --rmi with --detach: nobody waits for the end of the container then')
  }
  if (flags.rmi === true && flags.rootfs === true)
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--rmi and --rootfs contradict each other: there is no image')
  if (flags['detach-keys'] !== undefined) parseDetachKeys(flags['detach-keys'])
  attachedStreams(flags)
}

interface Wish {
  readonly handedOn: HandedOn | undefined
}

async function startDetached(context: CommandContext, { engine, id }: CreatedContainer, wish: Wish): Promise<number> {
  await engine.containers.start(id, { ...wish, signal: context.signals.signal })
  context.stdout.write(`${id}\n`)
  return 0
}

async function startAttached(
  context: CommandContext,
  { engine, id }: CreatedContainer,
  { flags, handedOn }: Wish & { readonly flags: RunFlags },
): Promise<number> {
  warnWithoutTerminal(context, flags)
  return runForeground(context, {
    terminal: flags.tty === true,
    ...attachedStreams(flags),
    detachKeys: flags['detach-keys'],
    relay: flags['sig-proxy'] === false ? undefined : (name) => sendSignal(engine, id, name),
    begin: (streams) => engine.containers.start(id, { streams, handedOn }),
  })
}

/** stdout and stderr unless `--attach` says otherwise; stdin with `--interactive`, or when it is named. */
function attachedStreams(flags: RunFlags): { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean } {
  const named = flags.attach.map((name) => name.toLowerCase())
  for (const name of named) {
    if (!['stdin', 'stdout', 'stderr'].includes(name)) {
      throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${name}" for --attach: it is stdin, stdout or stderr`)
    }
  }
  if (named.length === 0) return { stdin: flags.interactive === true, stdout: true, stderr: true }
  return { stdin: named.includes('stdin'), stdout: named.includes('stdout'), stderr: named.includes('stderr') }
}
