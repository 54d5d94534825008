import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writingBack } from '../../src/tasks/sync-tree.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sync-tree-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('writing back while there is more to write', () => {
  test('gives what the work gives', async () => {
    expect(await writingBack(directory, () => Promise.resolve(7))).toBe(7)
    expect(await writingBack(directory, () => sleep(600, 8))).toBe(8)
  })

  test('ends with the work, also when that is done while the disk is waited for', async () => {
    // So many that some are done in such a moment.
    const works = Array.from({ length: 200 }, (_, index) => writingBack(directory, () => sleep(200 + index, index)))
    expect(await Promise.all(works)).toHaveLength(200)
  })

  test('throws what the work throws', async () => {
    await expect(writingBack(directory, () => Promise.reject(new Error('no such layer')))).rejects.toThrow('no such layer')
  })

  test('throws what the disk said meanwhile: the kernel says it once', async () => {
    const work = async (): Promise<void> => {
      rmSync(directory, { recursive: true })
      await sleep(400)
    }
    await expect(writingBack(directory, work)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(existsSync(directory)).toBe(false)
  })
})
