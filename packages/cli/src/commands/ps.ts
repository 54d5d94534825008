import type { ContainerSummary, Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import type { ContainerSizes } from '../containers/container-sizes.ts'
import type { SortKey } from '../containers/sort-containers.ts'
import { containerList } from '../containers/summary-view.ts'
import { CliError } from '../errors.ts'
import { printList } from '../render/print-list.ts'

const flags = {
  all: { kind: 'boolean', short: 'a', description: 'Show all containers, not only those that run' },
  external: { kind: 'boolean', description: 'Show what other programs keep in this store as well: they keep nothing in it' },
  filter: {
    kind: 'words',
    short: 'f',
    value: 'NAME=VALUE',
    description:
      'Show only containers with this id, name, label, status, exited, health, restart-policy, ancestor, network, publish, before or since',
  },
  format: formatFlag,
  last: { kind: 'integer', short: 'n', value: 'N', description: 'Show the N containers created last, running or not' },
  latest: { kind: 'boolean', short: 'l', description: 'Show the container created last, running or not' },
  'no-trunc': { kind: 'boolean', description: 'Show ids and commands whole' },
  ns: { kind: 'boolean', aliases: ['namespace'], description: 'Show the namespaces of each container, by their numbers' },
  noheading: { kind: 'boolean', description: 'Leave the titles of the columns out' },
  pod: { kind: 'boolean', short: 'p', description: 'Show the pod of each container' },
  quiet: { kind: 'boolean', short: 'q', description: 'Print only ids' },
  size: { kind: 'boolean', short: 's', description: 'Show what each has changed, and with its image' },
  sort: {
    kind: 'text',
    value: 'COLUMN',
    description: 'Sort by command, created, id, image, names, runningfor, size or status',
    defaultText: 'the newest first',
    choices: ['command', 'created', 'id', 'image', 'names', 'runningfor', 'size', 'status'],
  },
  sync: { kind: 'boolean', description: 'What is shown is true in any case: the kernel is asked each time' },
  watch: { kind: 'integer', short: 'w', value: 'SECONDS', description: 'Show them again and again, with so long in between' },
} as const satisfies FlagDefinitions

type ContainerList = ReturnType<typeof containerList>
type PsFlags = FlagValues<typeof flags>

/** `podwright ps` */
export const ps: Command = defineCommand({
  name: 'ps',
  usage: '[options]',
  summary: 'List containers',
  flags,
  arguments: { minimum: 0, maximum: 0 },
  examples: ['ps -a', 'ps -q --filter status=exited', "ps --format '{{.Names}}: {{.Status}}'"],
  async run(context, { flags: chosen }) {
    if (chosen.watch !== undefined && chosen.watch < 1)
      throw new CliError('ERR_CLI_FLAG_VALUE', 'invalid value for --watch: it is a second or more')
    if (chosen.ns === true && (chosen.size === true || chosen.quiet === true))
      throw new CliError('ERR_CLI_FLAG_CONFLICT', `--ns and --${chosen.size === true ? 'size' : 'quiet'} cannot be used together`)
    const engine = await context.engine()
    const { signal } = context.signals
    for (;;) {
      if (chosen.watch !== undefined && context.stdout.isTerminal) context.stdout.write(clearScreen)
      const found = await findContainers(engine, chosen)
      // A template that has it asks for it, as with docker.
      const showsSize = chosen.size === true || /\.Size\b/.test(chosen.format ?? '')
      const asksSize = showsSize || chosen.sort === 'size'
      const sizes = asksSize ? await (await import('../containers/container-sizes.ts')).readContainerSizes(engine, { signal }) : undefined
      const sorted = chosen.sort === undefined ? found : await inOrder(found, chosen.sort, sizes)
      const view = { now: context.clock.now(), whole: chosen['no-trunc'] === true, sizes: showsSize ? sizes : undefined }
      const list = containerList(view)
      const shown = chosen.ns === true ? (await import('../containers/namespace-columns.ts')).withNamespaces(list) : withPods(list, chosen)
      await printList(context.stdout, sorted, shown, chosen)
      if (chosen.watch === undefined) return 0
      await context.clock.sleep(chosen.watch * 1000, { signal })
    }
  },
})

function withPods(list: ContainerList, { pod }: PsFlags): ContainerList {
  if (pod !== true) return list
  return { ...list, columns: [...list.columns, 'Pod', 'PodName'], titles: { ...list.titles, Pod: 'POD ID', PodName: 'PODNAME' } }
}

/** The top left corner, and nothing on the screen. */
const clearScreen = '\u001b[H\u001b[2J'

async function inOrder(
  containers: readonly ContainerSummary[],
  key: string,
  sizes: ContainerSizes | undefined,
): Promise<readonly ContainerSummary[]> {
  return (await import('../containers/sort-containers.ts')).sortContainers(containers, key as SortKey, sizes)
}

/** The newest first. */
async function findContainers(engine: Engine, chosen: PsFlags): Promise<readonly ContainerSummary[]> {
  const last = chosen.latest === true ? 1 : (chosen.last ?? -1)
  if (chosen.filter.length === 0) {
    const listed = newestFirst(await engine.containers.list({ all: chosen.all === true || last >= 0 }))
    return last >= 0 ? listed.slice(0, last) : listed
  }
  const { containerFilter, impliesAll } = await import('../containers/filters.ts')
  const everything = newestFirst(await engine.containers.list({ all: true }))
  const passes = containerFilter(chosen.filter, everything)
  const shown = chosen.all === true || last >= 0 || impliesAll(chosen.filter) ? everything : everything.filter(isUp)
  const found = shown.filter(passes)
  return last >= 0 ? found.slice(0, last) : found
}

function newestFirst(containers: readonly ContainerSummary[]): readonly ContainerSummary[] {
  return containers.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
}

function isUp({ state }: ContainerSummary): boolean {
  return ['running', 'paused', 'stopping'].includes(state.status) || state.restartAt !== undefined
}
