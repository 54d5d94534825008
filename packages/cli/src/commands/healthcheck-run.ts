import { type Command, defineCommand } from '../command-line/command.ts'
import { exitCodes } from '../exit-codes.ts'

/** `podwright healthcheck run` */
export const healthcheckRun: Command = defineCommand({
  name: 'healthcheck run',
  usage: 'CONTAINER',
  summary: "Run a container's health check now",
  description: 'Exits with 0 when it passes, and with 1 when it fails. What it found is on record then, as after a check that was due.',
  flags: {},
  arguments: { minimum: 1, maximum: 1 },
  examples: ['healthcheck run web'],
  async run(context, { args: [reference = ''] }) {
    const engine = await context.engine()
    const { exitCode } = await engine.containers.checkHealth(reference, { signal: context.signals.signal })
    if (exitCode === 0) return exitCodes.success
    context.stdout.write('unhealthy\n')
    return exitCodes.negative
  },
})
