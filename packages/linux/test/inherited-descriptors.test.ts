import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findTool } from '../src/tools.ts'
import { skipUnless } from './fixtures/skip.ts'

const skip = skipUnless(findTool('python3') !== undefined, 'python3, which opens descriptors, is not installed')

test.skipIf(skip).each(['at once', 'each'])('descriptors of any number are kept from the programs that we start, %s', (way) => {
  const fixture = join(import.meta.dirname, 'fixtures/inherit.ts')
  const node = [process.execPath, '-C', '@podwright/source', '--disable-warning=ExperimentalWarning', fixture, way]
  const open = 'import os, sys; os.dup2(1, 5); os.dup2(1, 200); os.set_inheritable(200, True); os.execv(sys.argv[1], sys.argv[1:])'
  const { stdout } = spawnSync('python3', ['-c', open, ...node], { encoding: 'utf8' })
  const [before, after] = JSON.parse(stdout) as [string[], string[]]
  expect(before).toContain('200')
  expect(after).toEqual(['0', '1', '2'])
})
