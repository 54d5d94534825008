import { messageOf, systemCodeOf } from '@podwright/conventions'
import { Readable, type Writable } from 'node:stream'
import { CliError } from '../errors.ts'

/**
 * Writes bytes to a stream, or into a file that is there under its name once it is whole. Nothing is left of a file that failed.
 *
 * @throws CliError `ERR_CLI_FILE`
 */
export async function writeBytes(bytes: AsyncIterable<Uint8Array>, output: string | Writable, signal: AbortSignal): Promise<void> {
  const { pipeline } = await import('node:stream/promises')
  const source = Readable.from(bytes, { objectMode: false, highWaterMark: 256 * 1024 })
  if (typeof output !== 'string') return pipeline(source, output, { end: false, signal })
  await intoFile(output, async (part) => {
    const { createWriteStream } = await import('node:fs')
    await pipeline(source, createWriteStream(part), { signal })
  })
}

async function intoFile(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const { rename, rm, stat } = await import('node:fs/promises')
  // A device or a pipe is written to as it is.
  const special = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  )
  const part = special ? path : `${path}.part-${process.pid}`
  try {
    await write(part)
    if (!special) await rename(part, path)
  } catch (error) {
    if (!special) await rm(part, { force: true })
    if (systemCodeOf(error) === undefined || systemCodeOf(error)?.startsWith('ERR_')) throw error
    throw new CliError('ERR_CLI_FILE', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}
