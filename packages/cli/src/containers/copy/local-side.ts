import { extractFiles, packTree, type SkippedItem } from '@podwright/archive'
import type { SkippedTreeFile, TreePath } from '@podwright/contracts'
import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { createSpecialFiles } from '@podwright/linux'
import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CliError } from '../../errors.ts'
import type { CopySide } from './copy-side.ts'

/** Links followed before a path is taken for a loop (the kernel's MAXSYMLINKS). */
const mostLinks = 40

/** The files here, of whoever runs the command. */
export function localSide(): CopySide {
  return {
    nameOf: (path) => path,
    stat: (path, { followLink = false } = {}) => Promise.resolve(statPath(path, followLink)),
    read: (path, { followLink = false, name = basename(path), xattrs = true, transient, onSkipped, signal } = {}) =>
      packTree(placeOf(path, followLink), {
        name,
        ...(xattrs && { special: createSpecialFiles() }),
        transient,
        onSkipped: (item) => onSkipped?.(skippedOf(item)),
        signal,
      }),
    async write(directory, tar, { owners = 'root', existingDirectories, overwrite = false, onSkipped, signal } = {}) {
      const { skipped } = await extractFiles(tar, directory, {
        special: createSpecialFiles(),
        // Whoever runs this is the root of what is here.
        owners: owners === 'archive' ? 'archive' : 'caller',
        existingDirectories,
        conflicts: overwrite ? 'replace' : 'refuse',
        devices: process.geteuid?.() === 0 ? 'create' : 'skip',
        signal,
      })
      for (const item of skipped) onSkipped?.(skippedOf(item))
    },
  }
}

function placeOf(path: string, followLink: boolean): string {
  return reading(path, () => (followLink ? realpathSync(path) : path.replace(/(?<=.)\/+$/, '')))
}

function statPath(path: string, followLink: boolean): TreePath | undefined {
  return reading(path, () => {
    const parent = realIfThere(dirname(resolve(path)))
    const own = parent === undefined ? undefined : join(parent, basename(resolve(path)))
    const target = own === undefined ? undefined : followLink ? endOfLinks(own) : own
    const stats = target === undefined ? undefined : lookAt(target)
    if (own === undefined || target === undefined || stats === undefined) return undefined
    return {
      path: target,
      type: typeOf(stats),
      mode: stats.mode,
      sizeBytes: stats.size,
      modified: stats.mtime,
      ...(stats.isSymbolicLink() && { linkTarget: endOfLinks(target) }),
    }
  })
}

/** Where a link leads in the end, whether or not anything is there. */
function endOfLinks(path: string): string {
  let current = path
  for (let links = 0; lookAt(current)?.isSymbolicLink() === true; links++) {
    if (links === mostLinks) throw new CliError('ERR_CLI_FILE', `cannot follow ${path}: too many symbolic links lie on the way`)
    const next = resolve(dirname(current), readlinkSync(current))
    current = join(realIfThere(dirname(next)) ?? dirname(next), basename(next))
  }
  return current
}

function realIfThere(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
}

function typeOf(stats: Stats): TreePath['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'symlink' : 'other'
}

function skippedOf({ name, what, reason }: SkippedItem): SkippedTreeFile {
  return { name: Buffer.from(name).toString(), what, reason }
}

/** A refusal of the file system gets a code. @throws CliError `ERR_CLI_FILE` */
function reading<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (isPodwrightError(error) || systemCodeOf(error) === undefined) throw error
    throw new CliError('ERR_CLI_FILE', `cannot look at ${path}: ${messageOf(error)}`, { cause: error })
  }
}
