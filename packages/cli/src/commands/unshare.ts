import { type Command, defineCommand } from '../command-line/command.ts'
import { interrupted } from '../terminal/signals.ts'

/** `podwright unshare` */
export const unshare: Command = defineCommand({
  name: 'unshare',
  usage: '[COMMAND [ARG...]]',
  summary: "Run a command in the user namespace that containers' files belong to",
  description: 'Without a command, your shell. Exits with its exit code. As root the command runs as it is.',
  flags: {},
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['unshare cat /proc/self/uid_map', 'unshare rm -r ./owned-by-containers'],
  async run(context, { args }) {
    const engine = await context.engine()
    const command = args.length > 0 ? args : [context.env['SHELL'] || '/bin/sh']
    const controller = new AbortController()
    // The terminal sends its signals to the command as well, which decides what they mean.
    const relay = context.signals.relay(
      (name) => {
        if (name === 'SIGTERM' || name === 'SIGHUP') controller.abort(interrupted(name))
      },
      ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'],
    )
    try {
      return await engine.system.unshare(command, { signal: controller.signal })
    } finally {
      relay[Symbol.dispose]()
    }
  },
})
