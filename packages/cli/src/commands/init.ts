import { isPodwrightError } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { forEachReference } from '../containers/each.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'

/** `podwright init` */
export const init: Command = defineCommand({
  name: 'init',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Make the processes of containers without letting them run',
  description:
    'With mounts, namespaces, network and hooks, up to just before the first instruction, so that all of it can be looked at; start goes on from there. stop and rm take it away again.',
  flags: { ...latestFlag, all: { kind: 'boolean', short: 'a', description: 'Every container that does not run' } },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['init web', 'init --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const isDown = ({ state }: { readonly state: { readonly status: string } }): boolean => ['created', 'exited'].includes(state.status)
    const references = await findTargets(engine, { args, flags }, { allOf: isDown })
    const { signal } = context.signals
    return forEachReference(context, references, async (reference) => {
      try {
        await engine.containers.initialize(reference, { signal })
      } catch (error) {
        // Another command may have been faster.
        if (flags.all !== true || !isPodwrightError(error, 'ERR_CONTAINER_RUNNING')) throw error
      }
      return reference
    })
  },
})
