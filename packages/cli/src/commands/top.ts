import { type Command, defineCommand } from '../command-line/command.ts'
import { readColumns } from '../containers/read-columns.ts'
import { findTarget, latestFlag } from '../containers/targets.ts'
import { printable } from '../render/printable.ts'
import { renderTable } from '../render/table.ts'

/** `podwright top` */
export const top: Command = defineCommand({
  name: 'top',
  usage: '[options] CONTAINER [DESCRIPTOR...|PS-OPTION...]',
  summary: 'Show the processes of a container',
  description:
    "Columns are named by podman's format descriptors (args, capamb, capbnd, capeff, capinh, capprm, comm, etime, group, groups, hgroup, hgroups, hpid, huser, label, nice, pcpu, pgid, pid, ppid, rgroup, rss, ruser, seccomp, state, stime, time, tty, user, vsz), or by options of ps, as docker has them: -ef, aux, -o pid,comm. Pids and users are those of the container; hpid and huser are the host's. Nothing is run in the container.",
  flags: latestFlag,
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  stopsAtFirstArgument: true,
  examples: ['top web', 'top web pid user args huser', 'top web -eo pid,rss,comm'],
  async run(context, { flags, args }) {
    const engine = await context.engine()
    const { reference, rest } = await findTarget(engine, { args, flags })
    const columns = readColumns(rest)
    const processes = await engine.containers.processes(reference, { signal: context.signals.signal })
    const titles = columns.map(({ title }) => title)
    const rows = processes.map((process) => columns.map(({ value }) => printable(String(value(process)))))
    context.stdout.write(await renderTable(titles.every((title) => title === '') ? undefined : titles, rows))
    return 0
  },
})
