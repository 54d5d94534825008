import type { ContainerUpdate } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { limitFlags } from '../containers/tuning/limit-flags.ts'
import { CliError } from '../errors.ts'

/** `podwright update` */
export const update: Command = defineCommand({
  name: 'update',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Change limits and restart policy of containers',
  description:
    'Also of those that run. What is not given stays as it is, and what is given holds after the next start, too. With --memory alone, swap is twice that, as for a new container.',
  flags: {
    ...latestFlag,
    ...limitFlags,
    restart: {
      kind: 'text',
      value: 'POLICY',
      description: 'Start it again after its end: no, on-failure[:RETRIES], always or unless-stopped',
      examples: ['no', 'on-failure', 'on-failure:', 'always', 'unless-stopped'],
    },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['update --memory 512m --cpus 1.5 web', 'update --restart unless-stopped web db', 'update --pids-limit -1 web'],
  async run(context, { flags, args }) {
    const { readResources } = await import('../containers/tuning/resources.ts')
    const { resources } = readResources(flags)
    const restart = flags.restart === undefined ? undefined : await readPolicy(flags.restart)
    if (resources === undefined && restart === undefined) {
      throw new CliError('ERR_CLI_ARGUMENTS', 'nothing is to be changed', { hint: 'See podwright update --help for what can be.' })
    }
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      const warnings = await engine.containers.update(reference, { resources, restart }, { signal })
      if (context.logLevel !== 'error') for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`)
      if (typeof restart === 'object') {
        const { id } = await engine.containers.inspect(reference)
        await (await import('../boot/tell-boot.ts')).ensureBootStart(context, engine, { id, restart })
      }
      return reference
    })
  },
})

async function readPolicy(text: string): Promise<NonNullable<ContainerUpdate['restart']>> {
  return (await import('../containers/keeping/restart-policy.ts')).readRestart(text, {}) ?? 'no'
}
