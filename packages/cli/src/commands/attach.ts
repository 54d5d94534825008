import { type Command, defineCommand } from '../command-line/command.ts'
import { sendSignal } from '../containers/send-signal.ts'
import { findTarget, latestFlag } from '../containers/targets.ts'
import { attachFlags } from '../terminal/attach-flags.ts'
import { runForeground } from '../terminal/foreground.ts'

/** `podwright attach` */
export const attach: Command = defineCommand({
  name: 'attach',
  usage: '[options] CONTAINER',
  summary: 'Join the terminal or streams of a running container',
  description: "Exits with the exit code of the container's command, or with 0 when the detach keys were typed.",
  flags: {
    ...latestFlag,
    ...attachFlags,
    'no-stdin': { kind: 'boolean', description: 'Do not attach stdin' },
  },
  arguments: { minimum: 0, maximum: 1 },
  examples: ['attach web', 'attach --detach-keys ctrl-x shell'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { reference } = await findTarget(engine, { args, flags })
    const { id, options } = await engine.containers.inspect(reference)
    return runForeground(context, {
      terminal: options.terminal === true,
      stdin: flags['no-stdin'] !== true && options.stdin === true,
      stdout: true,
      stderr: true,
      detachKeys: flags['detach-keys'],
      relay: flags['sig-proxy'] === false ? undefined : (name) => sendSignal(engine, id, name),
      begin: (streams) => engine.containers.attach(id, streams),
    })
  },
})
