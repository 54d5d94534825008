import type { WindowSize } from '@podwright/contracts'
import type { Terminal } from '../context.ts'

/** The terminal of this process. */
export function openTerminal(): Terminal {
  return {
    async loadRaw() {
      const { openRawTerminal } = await import('@podwright/linux')
      return () => openRawTerminal(0)
    },
    windowSizes() {
      const stream = [process.stdout, process.stderr].find((candidate) => candidate.isTTY)
      return stream === undefined ? undefined : sizesOf(stream)
    },
  }
}

/** The size now, then after each change; what changes faster than it is read is left out. */
async function* sizesOf(stream: NodeJS.WriteStream): AsyncGenerator<WindowSize> {
  let wake: (() => void) | undefined
  let changed = true
  const onResize = (): void => {
    changed = true
    wake?.()
  }
  stream.on('resize', onResize)
  try {
    for (;;) {
      if (!changed) await new Promise<void>((resolve) => (wake = resolve))
      changed = false
      yield { rows: stream.rows, columns: stream.columns }
    }
  } finally {
    stream.off('resize', onResize)
  }
}
