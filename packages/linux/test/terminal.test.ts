import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRawTerminal, windowSize } from '../src/terminal.ts'
import { findTool } from '../src/tools.ts'
import { skipUnless } from './fixtures/skip.ts'

const script = findTool('script')
const skip = skipUnless(script !== undefined, '`script` (util-linux, bsdutils), which makes a terminal, is not installed')

interface Report {
  readonly before: string
  readonly during: string
  readonly after: string
  readonly size: unknown
  readonly none: unknown
}

/** Runs the fixture on a terminal of 40 rows and 100 columns, then `stty` once more. */
function onTerminal(how: 'dispose' | 'exit'): { readonly report: Report; readonly atTheEnd: string } {
  const fixture = join(import.meta.dirname, 'fixtures/raw-terminal.ts')
  const node = `${process.execPath} -C @podwright/source --disable-warning=ExperimentalWarning ${fixture} ${how}`
  const command = `stty rows 40 cols 100; ${node}; echo; echo ==; stty -a`
  const { stdout } = spawnSync(script ?? '', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: '' })
  const [first = '', atTheEnd = ''] = stdout.replaceAll('\r', '').split('==\n')
  const line = first.split('\n').find((each) => each.includes('{"before"')) ?? '{}'
  return { report: JSON.parse(line.slice(line.indexOf('{'))) as Report, atTheEnd }
}

const rawWords = ['-icanon', '-echo', '-isig', '-opost', '-icrnl', '-ixon', '-iexten']

describe.skipIf(skip)('a terminal', () => {
  test('is raw, output too, until it is disposed', () => {
    const { report } = onTerminal('dispose')
    for (const word of rawWords) {
      expect(report.during.split(/[\s;]+/)).toContain(word)
      expect(report.before.split(/[\s;]+/)).not.toContain(word)
    }
    expect(report.after).toBe(report.before)
    expect(report.size).toEqual({ rows: 40, columns: 100 })
    expect(report.none).toBeNull()
  })

  test('is as before once the process has ended', () => {
    const { report, atTheEnd } = onTerminal('exit')
    expect(report.after).toBe(report.during)
    // The lines are broken where the output is a terminal, and elsewhere where it is not.
    expect(atTheEnd.trim().split(/\s+/)).toEqual(report.before.trim().split(/\s+/))
  })
})

test('what is no terminal has no size, and is not made raw', () => {
  const fd = openSync('/dev/null', 'r')
  try {
    expect(windowSize(fd)).toBeUndefined()
    expect(() => openRawTerminal(fd)).toThrow(
      expect.objectContaining({ code: 'ERR_LINUX_TERMINAL', details: { fd, syscall: 'tcgetattr', errno: 'ENOTTY' } }),
    )
  } finally {
    closeSync(fd)
  }
})
