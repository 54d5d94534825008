import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseSubIds, rangesOf, readSubIds, subIdSource } from '../src/sub-ids.ts'

const text = `# a comment
alice:100000:65536

1001:300000:1000
alice:200000:10
# alice:1:1
bob:400000:65536
alice:not:numbers
alice:500000:0
alice:100000:65536
`
const alice = { uid: 1001, name: 'alice' }

describe('parseSubIds', () => {
  test('leaves out comments, blank lines and what is malformed', () => {
    expect(parseSubIds(text)).toEqual([
      { owner: 'alice', start: 100_000, size: 65_536 },
      { owner: '1001', start: 300_000, size: 1000 },
      { owner: 'alice', start: 200_000, size: 10 },
      { owner: 'bob', start: 400_000, size: 65_536 },
      { owner: 'alice', start: 100_000, size: 65_536 },
    ])
    expect(parseSubIds('')).toEqual([])
  })
})

describe('rangesOf', () => {
  test("takes a user's ranges by name and by uid, each once", () => {
    const ranges = [
      { start: 100_000, size: 65_536 },
      { start: 300_000, size: 1000 },
      { start: 200_000, size: 10 },
    ]
    expect(rangesOf(parseSubIds(text), alice)).toEqual(ranges)
    expect(rangesOf(parseSubIds(text), { uid: 1001, name: undefined })).toEqual([{ start: 300_000, size: 1000 }])
    expect(rangesOf(parseSubIds(text), { uid: 7, name: 'eve' })).toEqual([])
  })
})

describe('readSubIds', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'podwright-subids-'))
    writeFileSync(join(directory, 'subuid'), text)
    writeFileSync(join(directory, 'subgid'), 'alice:700000:5\n')
    writeFileSync(join(directory, 'files'), 'passwd: files\nsubid: files\n')
    writeFileSync(join(directory, 'sss'), '# subid: files\n  subid:   sss files\n')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test('reads both files', () => {
    const paths = { subuidPath: join(directory, 'subuid'), subgidPath: join(directory, 'subgid'), nsswitchPath: join(directory, 'files') }
    expect(readSubIds({ ...paths, user: alice })).toMatchObject({ uids: { length: 3 }, gids: [{ start: 700_000, size: 5 }] })
  })

  test('missing files have no ranges', () => {
    const missing = join(directory, 'missing')
    expect(readSubIds({ subuidPath: missing, subgidPath: missing, nsswitchPath: missing, user: alice })).toEqual({ uids: [], gids: [] })
  })

  test.each([
    ['files', 'files'],
    ['sss', 'sss'],
    ['missing', 'files'],
  ])('nsswitch.conf %s: %s', (name, source) => expect(subIdSource(join(directory, name))).toBe(source))
})
