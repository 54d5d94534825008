import type { ContainerSummary, Engine } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { formatFlag, parseFormat } from '../command-line/format-flag.ts'
import { containerLine, containerRecord, containerRow, containerTitles } from '../containers/summary-view.ts'
import { renderJson, renderJsonLines } from '../render/json.ts'
import { renderTable } from '../render/table.ts'

const flags = {
  all: { kind: 'boolean', short: 'a', description: 'Show all containers, not only those that run' },
  filter: {
    kind: 'words',
    short: 'f',
    value: 'NAME=VALUE',
    description: 'Show only containers with this id, name, label, status, exited, ancestor, network, before or since',
  },
  format: formatFlag,
  last: { kind: 'integer', short: 'n', value: 'N', description: 'Show the N containers created last, running or not' },
  latest: { kind: 'boolean', short: 'l', description: 'Show the container created last, running or not' },
  'no-trunc': { kind: 'boolean', description: 'Show ids and commands whole' },
  noheading: { kind: 'boolean', description: 'Leave the titles of the columns out' },
  quiet: { kind: 'boolean', short: 'q', description: 'Print only ids' },
} as const satisfies FlagDefinitions

type PsFlags = FlagValues<typeof flags>

/** `podwright ps` */
export const ps: Command = defineCommand({
  name: 'ps',
  usage: '[options]',
  summary: 'List containers',
  flags,
  arguments: { minimum: 0, maximum: 0 },
  examples: ['ps -a', 'ps -q --filter status=exited', 'ps --format json'],
  async run(context, { flags: chosen }) {
    const format = parseFormat(chosen.format)
    const engine = await context.engine()
    const found = await findContainers(engine, chosen)
    const view = { now: context.clock.now(), whole: chosen['no-trunc'] === true }
    if (format === 'json') context.stdout.write(renderJson(found.map((item) => containerRecord(item, view))))
    else if (format === 'lines') context.stdout.write(renderJsonLines(found.map((item) => containerLine(item, view))))
    else if (chosen.quiet === true) context.stdout.write(found.map(({ id }) => `${view.whole ? id : id.slice(0, 12)}\n`).join(''))
    else {
      const rows = found.map((item) => containerRow(item, view))
      context.stdout.write(await renderTable(chosen.noheading === true ? undefined : containerTitles, rows))
    }
    return 0
  },
})

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
  return ['running', 'paused', 'stopping'].includes(state.status)
}
