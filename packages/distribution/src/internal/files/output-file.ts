import { systemCodeOf } from '@podwright/conventions'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { readRange } from './read-range.ts'
import { openSpool } from './spool.ts'
import { syncDirectory } from './sync-directory.ts'
import { writeFailure, writing } from './write-failure.ts'

/** A file's path, or a stream, such as stdout. */
export type ArchiveOutput = string | Writable

/** A file that is written at any place, and is there for others when it is whole. */
export interface OutputFile extends AsyncDisposable {
  readonly file: FileHandle
  readonly place: string
  /** Puts it where it belongs, in place of what was there. */
  publish(sizeBytes: number, signal?: AbortSignal): Promise<void>
}

/** @param temporaryDirectory for what goes to a stream, a pipe or a device, which can't be written at any place */
export async function openOutputFile(output: ArchiveOutput, temporaryDirectory: string | undefined): Promise<OutputFile> {
  if (typeof output !== 'string') return spooledOutput('the stream', temporaryDirectory, (chunks) => pour(chunks, output))
  return (await isSpecial(output))
    ? spooledOutput(output, temporaryDirectory, (chunks) => intoSpecial(chunks, output))
    : besideOutput(output)
}

/** To rename something over a device or a pipe would replace it. */
async function isSpecial(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises')
  try {
    const found = await stat(path)
    return !found.isFile() && !found.isDirectory()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw writeFailure(path, error)
  }
}

async function besideOutput(path: string): Promise<OutputFile> {
  const { open, realpath, rename, rm } = await import('node:fs/promises')
  // What a symbolic link leads to is replaced, not the link.
  const final = await realpath(path).catch(() => path)
  const growing = join(dirname(final), `.${basename(final).slice(0, 100)}.${globalThis.crypto.randomUUID()}`)
  const file = await writing(path, () => open(growing, 'wx+'))
  return {
    file,
    place: path,
    publish: async () => {
      await writing(path, () => rename(growing, final))
      await syncDirectory(dirname(final))
    },
    [Symbol.asyncDispose]: async () => {
      await file.close()
      await rm(growing, { force: true })
    },
  }
}

async function spooledOutput(
  place: string,
  temporaryDirectory: string | undefined,
  send: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<OutputFile> {
  const spool = await openSpool(temporaryDirectory)
  return {
    file: spool.file,
    place: spool.place,
    publish: async (sizeBytes, signal) => writing(place, () => send(readRange(spool.file, 0, sizeBytes, { signal }))),
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  }
}

/** The stream stays open: it is its owner's. */
async function pour(chunks: AsyncIterable<Uint8Array>, stream: Writable): Promise<void> {
  const { pipeline } = await import('node:stream/promises')
  await pipeline(chunks, stream, { end: false })
}

async function intoSpecial(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const { open } = await import('node:fs/promises')
  await using file = await open(path, 'w')
  for await (const chunk of chunks) await file.writeFile(chunk)
}
