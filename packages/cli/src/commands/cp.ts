import { isPodwrightError, messageOf } from '@podwright/conventions'
import { type Command, defineCommand } from '../command-line/command.ts'
import { type CopyPlace, parseCopyPlace } from '../containers/copy/copy-place.ts'
import { copyReport } from '../containers/copy/copy-report.ts'
import { openSides } from '../containers/copy/open-sides.ts'
import { planCopy } from '../containers/copy/plan-copy.ts'
import { spool } from '../containers/copy/spool.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { archiveInput, archiveOutput } from '../images/archive-output.ts'
import { writeBytes } from '../images/write-bytes.ts'

interface CopyFlags {
  readonly archive: boolean
  readonly followLink: boolean
  readonly overwrite: boolean
  readonly quiet: boolean
}

type FilePlace = Exclude<CopyPlace, { readonly type: 'stream' }>
type ContainerPlace = Extract<CopyPlace, { readonly type: 'container' }>

/** `podwright cp` */
export const cp: Command = defineCommand({
  name: 'cp',
  usage: '[options] [CONTAINER:]SOURCE_PATH|- [CONTAINER:]TARGET_PATH|-',
  summary: 'Copy files between containers and the local file system',
  description:
    'The containers may be running or not. Paths in a container begin at its root. Into a directory that is there comes the source under its own name, or, with ' +
    '/. after it, what is in it. "-" is a tar: of the source on stdout, or from stdin, to be unpacked into a directory.',
  flags: {
    archive: { kind: 'boolean', short: 'a', description: 'Keep owners, setuid and setgid, and extended attributes' },
    'follow-link': { kind: 'boolean', short: 'L', description: 'Copy what a link at the end of the source leads to' },
    overwrite: { kind: 'boolean', description: "Let a file take a directory's place, and the other way round" },
    quiet: { kind: 'boolean', short: 'q', description: 'Say nothing of how far it is' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: ['cp web:/etc/nginx .', 'cp site/. web:/srv/www', 'cp -a web:/data db:/data', 'cp web:/var/log - | tar -t'],
  async run(context, { flags, args }) {
    const [from, to] = [parseCopyPlace(args[0] ?? ''), parseCopyPlace(args[1] ?? '')]
    const wishes: CopyFlags = {
      archive: flags.archive === true,
      followLink: flags['follow-link'] === true,
      overwrite: flags.overwrite === true,
      quiet: flags.quiet === true,
    }
    if (from.type === 'stream' && to.type === 'container') await copyFromStream(context, to, wishes)
    else if (to.type === 'stream' && from.type === 'container') await copyToStream(context, from, wishes)
    else if (from.type === 'stream' || to.type === 'stream' || (from.type === 'local' && to.type === 'local')) {
      throw new CliError('ERR_CLI_ARGUMENTS', 'neither side is a container', {
        hint: 'A container and a path in it are written as web:/path; a local path that has a colon, as ./a:b',
      })
    } else await copyFiles(context, from, to, wishes)
    return 0
  },
})

async function copyFiles(context: CommandContext, from: FilePlace, to: FilePlace, flags: CopyFlags): Promise<void> {
  if (flags.archive && to.type === 'local' && process.geteuid?.() !== 0) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --archive for ${to.path}: only root can give files to others`, {
      hint: 'Leave it out: the files will be yours. "-" in place of the path gives a tar in which the owners are.',
    })
  }
  const { signal } = context.signals
  await using sides = await openSides(await context.engine(), from, to, { signal })
  const plan = await planCopy(sides.from, from.path, sides.to, to.path, flags)
  const report = copyReport(context, sides.to.nameOf(to.path), flags.quiet)
  const { onSkipped } = report
  const tar = sides.from.read(plan.source.path, {
    followLink: plan.source.followLink,
    name: plan.name,
    xattrs: flags.archive,
    transient: true,
    onSkipped,
    signal,
  })
  const names = { from: sides.from.nameOf(from.path), to: sides.to.nameOf(to.path) }
  await explaining(names, () =>
    sides.to.write(plan.directory, report.counted(sides.isOne ? spool(tar) : tar), {
      owners: flags.archive ? 'archive' : 'root',
      existingDirectories: flags.archive ? 'become' : 'stay',
      overwrite: flags.overwrite,
      onSkipped,
      signal,
    }),
  )
  if (report.skipped.has(plan.name)) {
    throw new CliError(
      'ERR_CLI_COPY',
      `cannot copy ${names.from} to ${names.to}: sockets can't be copied, and devices can't be made by a plain user`,
    )
  }
  report.end()
}

/** A tar says whose its files are. */
async function copyFromStream(context: CommandContext, { reference, path }: ContainerPlace, flags: CopyFlags): Promise<void> {
  refuse(flags.followLink, '--follow-link', 'a tar')
  const { signal } = context.signals
  const input = archiveInput(context, undefined) as AsyncIterable<Uint8Array> & { destroy(error?: unknown): void }
  signal.addEventListener('abort', () => input.destroy(signal.reason), { once: true })
  await using files = await (await context.engine()).containers.files(reference, { signal })
  if ((await files.stat(path, { followLink: true, signal }))?.type !== 'directory') {
    throw new CliError('ERR_CLI_COPY', `cannot unpack into ${reference}:${path}: there is no such directory`)
  }
  const report = copyReport(context, `${reference}:${path}`, flags.quiet)
  await explaining({ from: 'stdin', to: `${reference}:${path}` }, () =>
    files.write(path, report.counted(input), {
      owners: 'archive',
      existingDirectories: flags.archive ? 'become' : 'stay',
      overwrite: flags.overwrite,
      onSkipped: report.onSkipped,
      signal,
    }),
  )
  report.end()
}

async function copyToStream(context: CommandContext, { reference, path }: ContainerPlace, flags: CopyFlags): Promise<void> {
  refuse(flags.overwrite, '--overwrite', 'a tar')
  const output = archiveOutput(context, undefined)
  const { signal } = context.signals
  await using files = await (await context.engine()).containers.files(reference, { signal })
  const { followLink } = flags
  const found = await files.stat(path, { followLink, signal })
  if (found === undefined) throw new CliError('ERR_CLI_COPY', `cannot copy ${reference}:${path}: there is no such file or directory`)
  const { onSkipped } = copyReport(context, 'stdout', true)
  await writeBytes(files.read(path, { followLink, onSkipped, signal }), output, signal)
}

/** Says of a refusal what was to be copied. */
async function explaining(names: { readonly from: string; readonly to: string }, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const isConflict = isPodwrightError(error, 'ERR_ARCHIVE_CONFLICT')
    const reason = isConflict ? 'a directory would take the place of a file, or the other way round' : 'it is read-only there'
    if (!isConflict && !isPodwrightError(error, 'ERR_TREE_READ_ONLY')) throw error
    throw new CliError('ERR_CLI_COPY', `cannot copy ${names.from} to ${names.to}: ${reason}`, {
      cause: error,
      ...(isConflict && { hint: `${messageOf(error)}; --overwrite replaces it.` }),
    })
  }
}

/** A flag that would do nothing is refused by its name. */
function refuse(given: boolean, flag: string, what: string): void {
  if (given) throw new CliError('ERR_CLI_FLAG_CONFLICT', `${flag} means nothing for ${what}`)
}
