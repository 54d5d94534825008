import type { ExecOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import type { CommandContext } from '../context.ts'
import { readEnvironment } from '../containers/environment.ts'
import { handedOnFlags, readHandedOn } from '../containers/handed-on.ts'
import { findTarget, latestFlag } from '../containers/targets.ts'
import { CliError } from '../errors.ts'
import { attachFlags } from '../terminal/attach-flags.ts'
import { runForeground } from '../terminal/foreground.ts'
import { warnWithoutTerminal } from '../terminal/warn-without-terminal.ts'

const flags = {
  ...latestFlag,
  cidfile: { kind: 'text', value: 'FILE', description: 'In the container whose id is in this file; no container is named then' },
  'detach-keys': attachFlags['detach-keys'],
  detach: { kind: 'boolean', short: 'd', description: 'Run the command in the background' },
  env: { kind: 'words', short: 'e', value: 'NAME[=VALUE]', description: 'Set an environment variable; without a value, as it is here' },
  'env-file': { kind: 'words', value: 'FILE', description: 'Read environment variables from a file' },
  ...handedOnFlags,
  interactive: { kind: 'boolean', short: 'i', description: 'Attach stdin' },
  privileged: { kind: 'boolean', description: 'Give the command all capabilities' },
  tty: { kind: 'boolean', short: 't', description: 'Give the command a terminal' },
  user: { kind: 'text', short: 'u', value: 'USER[:GROUP]', description: 'Run as this user, by name or id' },
  workdir: { kind: 'text', short: 'w', value: 'DIR', description: 'Where the command starts' },
} as const satisfies FlagDefinitions

/** `podwright exec` */
export const exec: Command = defineCommand({
  name: 'exec',
  usage: '[options] CONTAINER COMMAND [ARG...]',
  summary: 'Run a command in a running container',
  description: 'Exits with the exit code of the command; with 126 when it cannot be executed, 127 when it is not there.',
  flags,
  arguments: { minimum: 1, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['exec web id', 'exec -it web sh'],
  async run(context, { flags: chosen, args }) {
    const engine = await context.engine()
    const { reference, rest: command } = await findTarget(engine, { args, flags: chosen })
    if (command.length === 0) throw new CliError('ERR_CLI_ARGUMENTS', `no command is named to run in ${reference}`)
    const options = await execOptions(context, chosen, command)
    if (chosen.detach === true) {
      await engine.containers.exec(reference, { ...options, signal: context.signals.signal })
      return 0
    }
    warnWithoutTerminal(context, chosen)
    return runForeground(context, {
      terminal: chosen.tty === true,
      stdin: chosen.interactive === true,
      stdout: true,
      stderr: true,
      detachKeys: chosen['detach-keys'],
      begin: (streams) => engine.containers.exec(reference, { ...options, streams }),
    })
  },
})

async function execOptions(context: CommandContext, chosen: FlagValues<typeof flags>, command: readonly string[]): Promise<ExecOptions> {
  const environment = await readEnvironment(chosen, context.env)
  return {
    command,
    handedOn: await readHandedOn(context, chosen),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(chosen.workdir !== undefined && { workingDirectory: chosen.workdir }),
    ...(chosen.user !== undefined && { user: chosen.user }),
    ...(chosen.tty === true && { terminal: true }),
    ...(chosen.privileged === true && { privileged: true }),
  }
}
