import { messageOf, systemCodeOf } from '@podwright/conventions'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { StorageError } from '../errors.ts'

/** What is kept of a volume, in its directory, which gives it its name. */
export interface VolumeRecord {
  readonly version: 1
  readonly driver: string
  readonly scope: 'local' | 'global'
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly createdAt: string
  readonly anonymous: boolean
  /** Where its content is: relative to its directory when it lies in there, so that it can be renamed; undefined while it is being made. */
  readonly path?: string | undefined
}

/**
 * The record in a file; undefined when there is none.
 *
 * @throws `ERR_VOLUME_RECORD` for one that can't be read
 */
export function readRecord(path: string): VolumeRecord | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  try {
    return parseRecord(JSON.parse(text))
  } catch (error) {
    throw new StorageError('ERR_VOLUME_RECORD', `cannot read the volume's record ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: `The content beside it is untouched. Mend the file, or delete ${dirname(path)}.`,
      details: { path },
    })
  }
}

/** Has a record under its name, whole and on the disk. */
export function writeRecord(path: string, record: VolumeRecord): void {
  const part = `${path}.part`
  const fd = openSync(part, 'w', 0o600)
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(part, path)
  syncDirectory(dirname(path))
}

/** Has a directory's entries on the disk. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function parseRecord(value: unknown): VolumeRecord {
  if (typeof value !== 'object' || value === null) throw new TypeError('it is no object')
  const { version, driver, scope, options, labels, createdAt, anonymous, path } = value as Record<string, unknown>
  if (version !== 1) throw new TypeError(`its version is ${JSON.stringify(version)}, and this program knows 1`)
  if (typeof driver !== 'string' || typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt)))
    throw new TypeError('it is incomplete')
  return {
    version,
    driver,
    scope: scope === 'global' ? 'global' : 'local',
    options: textsOf(options),
    labels: textsOf(labels),
    createdAt,
    anonymous: anonymous === true,
    path: typeof path === 'string' ? path : undefined,
  }
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, text]) => [name, String(text)]))
}
