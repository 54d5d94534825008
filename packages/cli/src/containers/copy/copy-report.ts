import type { SkippedTreeFile } from '@podwright/contracts'
import type { CommandContext } from '../../context.ts'
import { humanSize } from '../../render/size.ts'
import { printable } from '../../render/printable.ts'

/** Tells on a terminal how far a copy is. */
export interface CopyReport {
  /** The same bytes, counted. */
  counted(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  readonly onSkipped: (item: SkippedTreeFile) => void
  /** Names of files that were left out. */
  readonly skipped: ReadonlySet<string>
  /** The copy is done. */
  end(): void
}

const everyMs = 100

/** Nothing is told where stderr is no terminal, or with `quiet`, but what was left out. */
export function copyReport({ stderr, clock }: CommandContext, to: string, quiet: boolean): CopyReport {
  const isShown = stderr.isTerminal && !quiet
  const skipped = new Set<string>()
  let sizeBytes = 0
  let toldAt = 0
  const tell = (): void => {
    if (clock.now() - toldAt < everyMs) return
    toldAt = clock.now()
    stderr.write(`\r\x1b[KCopying to ${to}: ${humanSize(sizeBytes)}`)
  }
  return {
    async *counted(bytes) {
      for await (const chunk of bytes) {
        sizeBytes += chunk.length
        if (isShown) tell()
        yield chunk
      }
    },
    skipped,
    onSkipped: ({ name, what, reason }) => {
      if (what === 'device' || what === 'socket' || what === 'file') skipped.add(name)
      stderr.write(`${isShown ? '\r\x1b[K' : ''}Warning: not copied: ${printable(name)} (${what}, ${reason})\n`)
    },
    end() {
      if (isShown) stderr.write(`\r\x1b[KCopied ${humanSize(sizeBytes)} to ${to}\n`)
    },
  }
}
