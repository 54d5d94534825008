import type { ContainerSummary } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { placeText, type SinglePort, singlePorts } from '../containers/ports/port-texts.ts'
import { findTarget, latestFlag } from '../containers/targets.ts'
import { CliError } from '../errors.ts'

/** `podwright port` */
export const port: Command = defineCommand({
  name: 'port',
  usage: '[options] CONTAINER [PORT[/PROTOCOL]]',
  summary: 'Show which ports of this host lead to a container',
  description: 'With a port of the container, only where on this host that is published.',
  flags: { ...latestFlag, all: { kind: 'boolean', short: 'a', description: 'Show those of all running containers, with their ids' } },
  arguments: { minimum: 0, maximum: 2 },
  examples: ['port web', 'port web 80', 'port --all'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    if (flags.all === true) {
      if (args.length > 0 || flags.latest === true)
        throw new CliError('ERR_CLI_FLAG_CONFLICT', 'name a container, or give --all: one of them')
      const containers = await engine.containers.list()
      context.stdout.write(containers.flatMap(({ id, ports }) => portLines(ports).map((line) => `${id.slice(0, 12)}\t${line}\n`)).join(''))
      return 0
    }
    const { reference, rest } = await findTarget(engine, { args, flags })
    const container = await engine.containers.inspect(reference, { signal: context.signals.signal })
    const [asked] = rest
    const lines = asked === undefined ? portLines(container.ports) : placesOf(container, asked)
    context.stdout.write(lines.map((line) => `${line}\n`).join(''))
    return 0
  },
})

function portLines(ports: ContainerSummary['ports']): readonly string[] {
  return singlePorts(ports).map((single) => `${single.container} -> ${placeOf(single)}`)
}

function placesOf({ name, ports }: Pick<ContainerSummary, 'name' | 'ports'>, asked: string): readonly string[] {
  const wanted = asked.includes('/') ? asked.toLowerCase() : `${asked}/tcp`
  const found = singlePorts(ports).filter(({ container }) => container === wanted)
  if (found.length > 0) return found.map(placeOf)
  throw new CliError('ERR_CLI_NOT_FOUND', `the container ${name} has no published port ${wanted}`, {
    hint: ports.length === 0 ? 'It publishes none: give --publish when it is made.' : `'podwright port ${name}' shows those that it has.`,
  })
}

function placeOf({ hostAddress, hostPort }: SinglePort): string {
  return placeText(hostAddress, hostPort)
}
