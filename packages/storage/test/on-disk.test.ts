import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changedMs } from '../src/internal/on-disk.ts'

test('what was changed within this millisecond was not changed later than now', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pw-changed-'))
  try {
    const path = join(directory, 'file')
    writeFileSync(path, '')
    utimesSync(path, 1_700_000_000.0009, 1_700_000_000.0009)
    expect(changedMs(path)).toBe(1_700_000_000_000)
    expect(changedMs(join(directory, 'gone'))).toBe(Number.MAX_SAFE_INTEGER)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
