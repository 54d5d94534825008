import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/context.ts'
import { askFor } from '../../src/terminal/ask.ts'

test('what is not to be shown is not shown from the moment on that it is asked for, and the settings are given back', async () => {
  const done: string[] = []
  const context = {
    stdin: { isTerminal: true, stream: () => Readable.from([Buffer.from('open sesame\r')]) },
    stderr: { write: (text: string) => done.push(`says ${JSON.stringify(text)}`) },
    terminal: {
      loadRaw: () =>
        Promise.resolve(() => {
          done.push('hides')
          return { [Symbol.dispose]: () => done.push('shows') }
        }),
    },
    signals: { signal: new AbortController().signal },
  } as unknown as CommandContext
  expect(await askFor(context, 'Password: ', { hidden: true })).toBe('open sesame')
  expect(done).toEqual(['hides', 'says "Password: "', 'says "\\r\\n"', 'shows'])
})
