import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEngine } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'import-'))
afterAll(() => rmSync(directory, { recursive: true }))

test.each([
  ['a file that is not there', join(directory, 'nothing.tar'), 'there is no such file'],
  ['a directory', directory, 'it is a directory'],
])('an import of %s says so', async (_, path, reason) => {
  await using engine = await openEngine({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  await expect(engine.images.import(path)).rejects.toMatchObject({
    code: 'ERR_IMAGE_ARCHIVE',
    message: `cannot import ${path}: ${reason}`,
  })
})
