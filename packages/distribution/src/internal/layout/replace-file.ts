import { basename, dirname, join } from 'node:path'

/** Writes a file beside its place and renames it when it is whole; its directory is made. Nothing is left of one that failed. */
export async function replaceFile(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const { mkdir, open, rename, rm } = await import('node:fs/promises')
  await mkdir(dirname(path), { recursive: true })
  const temporary = join(dirname(path), `.${basename(path)}.${globalThis.crypto.randomUUID()}`)
  try {
    await using file = await open(temporary, 'wx')
    for await (const chunk of chunks) await file.writeFile(chunk)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await rename(temporary, path)
}
