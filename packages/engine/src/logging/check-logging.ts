import type { ContainerLogging, ContainerOptions } from '@podwright/contracts'
import { statSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import type { EngineParts } from '../parts.ts'
import { invalid } from '../tuning/invalid.ts'
import { journalSocket } from './journal.ts'
import { checkTag } from './tag.ts'

/** All of them are open while they are read. */
const mostFiles = 500

/** Whether a container can be logged like that on this host. @throws `ERR_CONTAINER_OPTION_INVALID` */
export async function checkLogging(
  parts: Pick<EngineParts, 'store'>,
  logging: ContainerLogging,
  { terminal, name }: Pick<ContainerOptions, 'terminal' | 'name'>,
): Promise<void> {
  checkOptions(logging, terminal === true)
  const { path, maximumBytes } = logging
  if (path === undefined) return
  // Two that share a file may write into it, but not both begin a new one.
  const shared = (await parts.store()).logsTo(path).find((other) => other.name !== name && (other.rotated || maximumBytes !== undefined))
  if (shared !== undefined) {
    throw invalid(
      `the log option path is the log of the container ${shared.name}: ${path}`,
      'One that is rotated (max-size) cannot be shared.',
    )
  }
}

function checkOptions(logging: ContainerLogging, terminal: boolean): void {
  const { driver = 'k8s-file', path, maximumBytes, maximumFiles, tag } = logging
  const isFile = driver === 'k8s-file' || driver === 'json-file'
  for (const [name, value] of Object.entries({ path, 'max-size': maximumBytes, 'max-file': maximumFiles })) {
    if (!isFile && value !== undefined) throw invalid(`the log option ${name} makes no sense with the log driver ${driver}`)
  }
  if (driver === 'passthrough' && terminal) throw invalid('the log driver passthrough cannot be used with a terminal')
  if (driver === 'journald') requireJournal()
  if (path !== undefined) checkPath(path)
  if (tag !== undefined) checkTag(tag)
  if (maximumBytes !== undefined && (!Number.isSafeInteger(maximumBytes) || maximumBytes < 1)) {
    throw invalid(`the log option max-size is no number of bytes: ${maximumBytes}`)
  }
  if (maximumFiles === undefined) return
  if (!Number.isInteger(maximumFiles) || maximumFiles < 1 || maximumFiles > mostFiles) {
    throw invalid(`the log option max-file is not between 1 and ${mostFiles}: ${maximumFiles}`)
  }
  if (maximumBytes === undefined) throw invalid('the log option max-file needs max-size: without it there is one file')
}

function requireJournal(): void {
  if (statSync(journalSocket, { throwIfNoEntry: false })?.isSocket() === true) return
  throw invalid(
    `cannot log to the journal: there is none on this host (no socket ${journalSocket})`,
    'Use the log driver k8s-file, or one of its other names.',
  )
}

function checkPath(path: string): void {
  if (!isAbsolute(path)) throw invalid(`the log option path must be absolute: ${path}`)
  // conmon takes what follows for something else.
  if (path.includes(':')) throw invalid(`the log option path cannot have a colon in it: ${path}`)
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw invalid(`the log option path is in a directory that is not there: ${path}`)
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw invalid(`the log option path is no file: ${path}`)
}
