import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseJournalLine, readJournal, type ReadJournalOptions } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

const line = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ __REALTIME_TIMESTAMP: '1767225600123456', PRIORITY: '6', MESSAGE: 'hello', ...fields })
const shown = (text: string): unknown => {
  const entry = parseJournalLine(text)
  return entry && [entry.timeText, entry.stream, Buffer.from(entry.data).toString('latin1')]
}

test.each([
  [line({}), ['2026-01-01T00:00:00.123456000Z', 'stdout', 'hello\n']],
  [line({ PRIORITY: '3' }), ['2026-01-01T00:00:00.123456000Z', 'stderr', 'hello\n']],
  [line({ CONTAINER_PARTIAL_MESSAGE: 'true' }), ['2026-01-01T00:00:00.123456000Z', 'stdout', 'hello']],
  [line({ MESSAGE: [0xff, 0x61] }), ['2026-01-01T00:00:00.123456000Z', 'stdout', '\xffa\n']],
  [line({ MESSAGE: '' }), ['2026-01-01T00:00:00.123456000Z', 'stdout', '\n']],
  [line({ MESSAGE: null }), undefined],
  [line({ __REALTIME_TIMESTAMP: 'x' }), undefined],
  ['-- cursor: x', undefined],
  ['', undefined],
])('an entry of the journal: %s', (text, entry) => {
  expect(shown(text)).toEqual(entry)
})

/** A journalctl that writes down its words, and does what a script says. */
function journalctl(script: string): { readonly program: string; readonly words: string } {
  const directory = makeTemporary()
  const [program, words] = [join(directory, 'journalctl'), join(directory, 'words')]
  writeFileSync(program, `#!/bin/sh\necho "$*" >'${words}'\n${script}\n`)
  chmodSync(program, 0o755)
  return { program, words }
}

async function read(options: ReadJournalOptions): Promise<string> {
  let text = ''
  for await (const { data } of readJournal('abc', options)) text += Buffer.from(data).toString()
  return text
}

test('what journalctl prints', async () => {
  const { program, words } = journalctl(`printf '%s\\n' '${line({})}' '${line({ MESSAGE: 'two' })}'`)
  expect(await read({ program, tail: 5, since: new Date(1_500), until: new Date(2_000) })).toBe('hello\ntwo\n')
  expect(readFileSync(words, 'utf8').trim()).toBe(
    '--quiet --no-pager --all --output=json --lines=5 --since=@1.500 --until=@2.000 CONTAINER_ID_FULL=abc',
  )
})

test('one that is followed ends with the container, and when nobody reads on', async () => {
  const { program } = journalctl(`case "$*" in *--follow*) printf '%s\\n' '${line({})}'; exec sleep 60;; esac`)
  for await (const _ of readJournal('abc', { program, follow: true })) break
  const abort = new AbortController()
  const following = read({ program, follow: true, signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(following).rejects.toThrow('enough')
})

test('one that is followed has all that was written before the end, though the one that follows is behind', async () => {
  const [first, second] = [line({ __CURSOR: 's=1;i=1' }), line({ __CURSOR: 's=1;i=2', MESSAGE: 'two' })]
  const { program, words } = journalctl(`case "$*" in
    *--follow*) printf '%s\\n%.30s' '${first}' '${second}'; exec sleep 60 ;;
    *--after-cursor=s=1\\;i=1*) printf '%s\\n' '${second}' ;;
  esac`)
  const lines: string[] = []
  for await (const { data } of readJournal('abc', { program, follow: true, tail: 7, ended: () => lines.length > 0, pollMs: 5 })) {
    lines.push(Buffer.from(data).toString())
  }
  expect(lines).toEqual(['hello\n', 'two\n'])
  expect(readFileSync(words, 'utf8').trim()).toBe('--quiet --no-pager --all --output=json --after-cursor=s=1;i=1 CONTAINER_ID_FULL=abc')
})

test('what journalctl complains of', async () => {
  const { program } = journalctl('echo "No journal files were found." >&2; exit 1')
  await expect(read({ program })).rejects.toMatchObject({
    code: 'ERR_LOG_READ',
    message: expect.stringContaining('No journal files were found.'),
  })
})
