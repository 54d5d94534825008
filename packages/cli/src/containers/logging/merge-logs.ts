import type { LogEntry } from '@podwright/contracts'

/** An entry, and which of the logs it is from. */
export interface MergedEntry {
  readonly index: number
  readonly entry: LogEntry
}

const newline = 0x0a

/** Several logs as one, in the order of their times; what a container wrote of one line stays together. */
export async function* mergeLogs(logs: readonly AsyncIterable<LogEntry>[]): AsyncIterable<MergedEntry> {
  const iterators = logs.map((log) => log[Symbol.asyncIterator]())
  try {
    const heads = await Promise.all(iterators.map(nextOf))
    for (;;) {
      const index = oldest(heads)
      if (index < 0) return
      for (let isWhole = false; !isWhole;) {
        const entry = heads[index]
        if (entry === undefined) break
        yield { index, entry }
        isWhole = entry.data.at(-1) === newline
        heads[index] = await nextOf(iterators[index]!)
      }
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.()
  }
}

async function nextOf(iterator: AsyncIterator<LogEntry>): Promise<LogEntry | undefined> {
  const { value, done } = await iterator.next()
  return done === true ? undefined : value
}

/** The first of those that have the same time; -1 when all are over. */
function oldest(heads: readonly (LogEntry | undefined)[]): number {
  let found = -1
  let time = Number.POSITIVE_INFINITY
  for (const [index, head] of heads.entries()) {
    if (head === undefined || (found >= 0 && head.time.getTime() >= time)) continue
    found = index
    time = head.time.getTime()
  }
  return found
}
