import type { AbortOptions } from '@podwright/conventions'
import type { ByteSource, TarEntry } from './entry.ts'
import { quoteBytes } from './internal/bytes.ts'
import { createTarParser, type TarParserOptions } from './parser.ts'

/** Options of `readTar`. */
export interface ReadTarOptions extends AbortOptions, TarParserOptions {}

/** An entry with its content. */
export interface TarStreamEntry extends TarEntry {
  /** The file's bytes, holes as zeros. To be read before the next entry is asked for; what is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * Reads an uncompressed tar entry by entry. Memory holds one chunk of the input.
 *
 * @throws ERR_ARCHIVE_MALFORMED, ERR_ARCHIVE_TRUNCATED, what the input throws, and `signal.reason`.
 */
export async function* readTar(input: ByteSource, options: ReadTarOptions = {}): AsyncGenerator<TarStreamEntry, void, undefined> {
  const events = tarEvents(input, options)
  let current: TarEntry | undefined
  try {
    for (let event = await events.next(); !event.done; event = await events.next()) {
      if (event.value.type !== 'entry') continue
      const { entry } = event.value
      current = entry
      const claim = (): void => {
        if (current !== entry) throw new TypeError(`the content of ${quoteBytes(entry.name)} was read or passed over already`)
        current = undefined
      }
      yield { ...entry, content: { [Symbol.asyncIterator]: () => contentOf(entry, events, claim) } }
    }
  } finally {
    await events.return()
  }
}

type TarEvent =
  | { readonly type: 'entry'; readonly entry: TarEntry }
  | { readonly type: 'data'; readonly chunk: Uint8Array; readonly offset: number }
  | { readonly type: 'end' }

type TarEvents = AsyncGenerator<TarEvent, void, undefined>

/** A parser's calls, to be taken one by one. */
async function* tarEvents(input: ByteSource, options: ReadTarOptions): TarEvents {
  const queue: TarEvent[] = []
  const parser = createTarParser(
    {
      entry: (entry) => queue.push({ type: 'entry', entry }),
      data: (chunk, offset) => queue.push({ type: 'data', chunk, offset }),
      end: () => queue.push({ type: 'end' }),
    },
    options,
  )
  for await (const chunk of input) {
    options.signal?.throwIfAborted()
    parser.write(chunk)
    yield* queue
    queue.length = 0
  }
  parser.close()
}

async function* contentOf(entry: TarEntry, events: TarEvents, claim: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  claim()
  let position = 0
  for (let event = await events.next(); !event.done && event.value.type !== 'end'; event = await events.next()) {
    if (event.value.type !== 'data') continue
    yield* zeros(event.value.offset - position)
    yield event.value.chunk
    position = event.value.offset + event.value.chunk.length
  }
  yield* zeros(entry.sizeBytes - position)
}

const zeroBytes = 65_536

function* zeros(length: number): Generator<Uint8Array, void, undefined> {
  for (let left = length; left > 0; left -= zeroBytes) yield new Uint8Array(Math.min(left, zeroBytes))
}
