import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { encodeEntry } from '../../writer.ts'
import { paddingOf } from '../encode-header.ts'
import { PieceBuffer } from '../piece-buffer.ts'
import type { EntryReader, TreeEntry } from './entry-reader.ts'
import { FileContent, isGone } from './file-content.ts'
import type { ReadTreeOptions } from './options.ts'

const zeroBlocks = new Uint8Array(1024)

/** Writes entries of a tree as a tar. An `undefined` among them says that a while went by without one, so that others get their turn. */
export async function* packTreeEntries(
  reader: EntryReader,
  entries: Iterable<TreeEntry | undefined>,
  options: ReadTreeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = new PieceBuffer(options.transient)
  for (const entry of entries) {
    if (!entry) await yieldToEvents()
    options.signal?.throwIfAborted()
    if (!entry) continue
    if (entry.sizeBytes === 0) yield* pieces.add(encodeEntry(entry.init, 0))
    else yield* packFile(reader, entry, pieces, options)
  }
  yield* pieces.add(zeroBlocks)
  yield* pieces.flush()
}

function* packFile(
  reader: EntryReader,
  { init, path, sizeBytes }: TreeEntry,
  pieces: PieceBuffer,
  options: ReadTreeOptions,
): Generator<Uint8Array, void, undefined> {
  const content = openContent(reader, { init, path, sizeBytes }, options)
  if (!content) return
  try {
    yield* pieces.add(encodeEntry(init, sizeBytes))
    while (content.remainingBytes > 0) {
      options.signal?.throwIfAborted()
      yield* pieces.fill((space) => content.read(space))
    }
  } finally {
    content.close()
  }
  yield* pieces.add(zeroBlocks.subarray(0, paddingOf(sizeBytes)))
}

function openContent(reader: EntryReader, { init, path, sizeBytes }: TreeEntry, options: ReadTreeOptions): FileContent | undefined {
  if (options.changing !== 'take') return new FileContent(path, sizeBytes)
  const name = Buffer.from(init.name).toString('latin1')
  try {
    return new FileContent(path, sizeBytes, () => reader.skip(name, 'file', 'shorter'))
  } catch (error) {
    if (!isGone(error)) throw error
    reader.forget(Buffer.from(init.name))
    return reader.skip(name, 'file', 'ENOENT')
  }
}
