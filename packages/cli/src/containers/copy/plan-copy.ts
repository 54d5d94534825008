import type { TreePath } from '@podwright/contracts'
import { posix } from 'node:path'
import { CliError } from '../../errors.ts'
import type { CopySide } from './copy-side.ts'

/** What is copied, and what it becomes: an entry of a directory that is there. */
export interface CopyPlan {
  readonly source: { readonly path: string; readonly followLink: boolean }
  readonly directory: string
  /** In that directory; `.` when the content of one directory joins another's. */
  readonly name: string
}

/** How a source is looked at, and what may happen at the destination. */
export interface PlanCopyOptions {
  readonly followLink: boolean
  readonly overwrite: boolean
}

/** A path as somebody typed it. */
interface TypedPath {
  /** Without what says that it is a directory. */
  readonly path: string
  /** It ends with a slash, or with `/.`. */
  readonly isDirectory: boolean
  /** It ends with `/.`: what is in the directory is meant, not the directory. */
  readonly isContent: boolean
}

/**
 * Works out what a copy does, by docker's rules:
 *
 * - A link at the end of the source is copied as it is, but with `followLink`, or when a slash or `/.` follows it; one at the end of the destination is followed.
 * - Into a directory that is there comes the source under its own name; with `/.` after the source, what is in it.
 * - Otherwise the source takes the destination's name, in a directory that has to be there. A file never becomes what ends with a slash.
 * - A directory never takes the place of a file, unless it may `overwrite` it.
 *
 * @throws CliError `ERR_CLI_COPY`
 */
export async function planCopy(
  from: CopySide,
  sourcePath: string,
  to: CopySide,
  destinationPath: string,
  { followLink, overwrite }: PlanCopyOptions,
): Promise<CopyPlan> {
  const typed = readPath(sourcePath)
  const source = { path: sourcePath, followLink: followLink || typed.isDirectory }
  const found = await lookAtSource(from, typed, source)
  const isDirectory = found.type === 'directory'
  const wanted = readPath(destinationPath)
  const target = await lookAtTarget(to, wanted.path)
  if (target.found?.type === 'directory') {
    return { source, directory: target.path, name: typed.isContent ? '.' : nameOf(typed, found) }
  }
  const named = { source, directory: posix.dirname(target.path), name: posix.basename(target.path) }
  if (target.found !== undefined) {
    if (wanted.isDirectory) throw cannotCopy(from, sourcePath, to, destinationPath, 'that is not a directory')
    if (isDirectory && !overwrite) {
      throw cannotCopy(from, sourcePath, to, destinationPath, 'a directory does not take the place of a file', {
        hint: '--overwrite lets it.',
      })
    }
    return named
  }
  if (wanted.isDirectory && !isDirectory) throw cannotCopy(from, sourcePath, to, destinationPath, 'there is no such directory')
  if ((await to.stat(named.directory, { followLink: true }))?.type !== 'directory') {
    throw cannotCopy(from, sourcePath, to, destinationPath, `there is no directory ${to.nameOf(named.directory)}`)
  }
  return named
}

/** Reads what the end of a path says. */
function readPath(text: string): TypedPath {
  const isContent = /(?:^|\/)\.$/.test(text)
  const bare = text.replace(/(?:^|\/+)\.$/, '').replace(/\/+$/, '')
  return { path: bare === '' ? (text.startsWith('/') ? '/' : '.') : bare, isDirectory: isContent || text.endsWith('/'), isContent }
}

async function lookAtSource(
  side: CopySide,
  { path, isDirectory }: TypedPath,
  { path: whole, followLink }: CopyPlan['source'],
): Promise<TreePath> {
  const found = await side.stat(path, { followLink })
  if (found === undefined) throw new CliError('ERR_CLI_COPY', `cannot copy ${side.nameOf(whole)}: there is no such file or directory`)
  if (isDirectory && found.type !== 'directory') {
    throw new CliError('ERR_CLI_COPY', `cannot copy ${side.nameOf(whole)}: it is not a directory`)
  }
  return found
}

/** Where a destination is in the end, and what is there. */
async function lookAtTarget(side: CopySide, path: string): Promise<{ readonly path: string; readonly found: TreePath | undefined }> {
  const found = await side.stat(path)
  if (found?.type !== 'symlink' || found.linkTarget === undefined) return { path: found?.path ?? path, found }
  return { path: found.linkTarget, found: await side.stat(found.linkTarget) }
}

/** As it was typed, since a link's name is not that of what it leads to. The root has no name, so that its content is meant. */
function nameOf({ path }: TypedPath, found: TreePath): string {
  const typed = posix.basename(path)
  if (typed !== '' && typed !== '.' && typed !== '..') return typed
  return posix.basename(found.path) || '.'
}

function cannotCopy(
  from: CopySide,
  source: string,
  to: CopySide,
  destination: string,
  reason: string,
  options: { readonly hint?: string } = {},
): CliError {
  return new CliError('ERR_CLI_COPY', `cannot copy ${from.nameOf(source)} to ${to.nameOf(destination)}: ${reason}`, options)
}
