import type { ArchiveOrigin, ImportOptions, StoredImage } from '@podwright/contracts'
import { messageOf, systemCodeOf } from '@podwright/conventions'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { configChanges } from './config-changes.ts'
import { nameToGive } from './tag.ts'

/** Makes an image of one layer out of a tar: a file, what a URL leads to, or a stream. */
export async function importImage(parts: EngineParts, origin: ArchiveOrigin, options: ImportOptions): Promise<StoredImage> {
  const changeConfig = configChanges(options.changes ?? [])
  const { name, message, platform, signal, onProgress } = options
  const storage = await parts.storage()
  const from = typeof origin === 'string' ? origin : 'a stream'
  return storage.importTree(await openOrigin(origin, signal), {
    names: name === undefined ? [] : [nameToGive(name)],
    changeConfig,
    message: message ?? `Imported from ${from}`,
    platform,
    signal,
    onProgress,
  })
}

async function openOrigin(origin: ArchiveOrigin, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (typeof origin !== 'string') return origin as AsyncIterable<Uint8Array>
  if (/^https?:\/\//.test(origin)) return (await import('./fetch-archive.ts')).fetchArchive(origin, signal)
  await requireFile(origin)
  return createReadStream(origin, { highWaterMark: 256 * 1024, signal }) as AsyncIterable<Uint8Array>
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const reason = systemCodeOf(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause)
    throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot import ${path}: ${reason}`, { cause })
  })
  if (found.isDirectory()) {
    throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot import ${path}: it is a directory`, {
      hint: `tar -C ${path} -c . | podwright import -`,
    })
  }
}
