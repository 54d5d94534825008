import type { ContainerUpdate } from '@podwright/contracts'
import type { readEnvironment } from '../containers/environment.ts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { updateHealthFlags } from '../containers/keeping/update-health-flags.ts'
import { usesHealth } from '../containers/keeping/uses-health.ts'
import { limitFlags } from '../containers/tuning/limit-flags.ts'
import { CliError } from '../errors.ts'

/** `podwright update` */
export const update: Command = defineCommand({
  name: 'update',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Change limits, restart policy, health check and variables of containers',
  description:
    'Also of those that run. What is not given stays as it is, and what is given holds after the next start, too. With --memory alone, swap is twice that, as for a new container. Variables are set at its next start.',
  flags: {
    ...latestFlag,
    ...limitFlags,
    ...updateHealthFlags,
    env: { kind: 'words', short: 'e', value: 'NAME[=VALUE]', description: 'Set an environment variable; without a value, as it is here' },
    unsetenv: { kind: 'words', value: 'NAME', description: 'Take an environment variable away' },
    restart: {
      kind: 'text',
      value: 'POLICY',
      description: 'Start it again after its end: no, on-failure[:RETRIES], always or unless-stopped',
      examples: ['no', 'on-failure', 'on-failure:', 'always', 'unless-stopped'],
    },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: [
    'update --memory 512m --cpus 1.5 web',
    'update --restart unless-stopped web db',
    'update --pids-limit -1 web',
    'update --health-cmd "curl -f http://localhost/" --env DEBUG=1 web',
  ],
  async run(context, { flags, args }) {
    const { readResources } = await import('../containers/tuning/resources.ts')
    const { resources } = readResources(flags)
    const restart = flags.restart === undefined ? undefined : await readPolicy(flags.restart)
    const health = usesHealth(flags) ? (await import('../containers/keeping/read-health.ts')).readHealth(flags) : undefined
    const environment = flags.env.length === 0 ? undefined : await readVariables(flags.env, context.env)
    const unsetEnvironment = flags.unsetenv.length === 0 ? undefined : flags.unsetenv
    const change: ContainerUpdate = { resources, restart, health, environment, unsetEnvironment }
    if (Object.values(change).every((value) => value === undefined)) {
      throw new CliError('ERR_CLI_ARGUMENTS', 'nothing is to be changed', { hint: 'See podwright update --help for what can be.' })
    }
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      const warnings = await engine.containers.update(reference, change, { signal })
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

async function readVariables(
  env: readonly string[],
  host: Parameters<typeof readEnvironment>[1],
): Promise<Readonly<Record<string, string>>> {
  return (await import('../containers/environment.ts')).readEnvironment({ env, 'env-file': [] }, host)
}
