import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localSide } from '../../../src/containers/copy/local-side.ts'
import { planCopy } from '../../../src/containers/copy/plan-copy.ts'

/** Entries by path: `x/` a directory, `x=TEXT` a file, `x>TARGET` a link. Made in this order, and listed in any. */
const sourceTree = 'dir/ dir/sub/ file=F dir/a=A dir/sub/b=B link>file dlink>dir broken>nowhere'.split(' ')
const targetTree =
  'dir/ dir/old/ empty/ clash/ clash/dir/ clash/file/ clash/link/ file=D dir/o=O flink>file dlink>dir broken>nowhere clash/dlink=X'.split(
    ' ',
  )

function make(directory: string, entries: readonly string[]): void {
  mkdirSync(directory)
  for (const entry of entries) {
    const [, path = '', kind, rest = ''] = /^([^=>]+?)([/=>])(?:$|(?<=[=>])(.*))/.exec(entry) ?? []
    const place = join(directory, path)
    if (kind === '/') mkdirSync(place)
    else if (kind === '=') writeFileSync(place, `${rest}\n`)
    else symlinkSync(rest, place)
  }
}

function list(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const place = join(directory, entry.name)
    if (entry.isSymbolicLink()) return [`${entry.name}>${readlinkSync(place)}`]
    if (entry.isDirectory()) return [`${entry.name}/`, ...list(place).map((path) => `${entry.name}/${path}`)]
    return [`${entry.name}=${readFileSync(place, 'utf8').trimEnd()}`]
  })
}

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'podwright-copy-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What a copy changes, as in the table; `error` when it is refused. */
async function outcome(from: string, to: string, options = { followLink: false, overwrite: false }): Promise<string> {
  const home = mkdtempSync(join(root, 'case-'))
  make(join(home, 's'), sourceTree)
  make(join(home, 't'), targetTree)
  const before = list(join(home, 't'))
  try {
    const side = localSide()
    const plan = await planCopy(side, `${home}/s/${from}`, side, `${home}/t/${to}`, options)
    await side.write(plan.directory, side.read(plan.source.path, { ...plan.source, name: plan.name }), { overwrite: options.overwrite })
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(CLI_COPY|ARCHIVE_CONFLICT)$/) as string })
    expect(list(join(home, 't'))).toEqual(before)
    return 'error'
  }
  const after = list(join(home, 't'))
  return [
    ...after.filter((line) => !before.includes(line)).map((line) => `+${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `-${line}`),
  ]
    .toSorted()
    .join(' ')
}

describe('what a copy makes is what docker makes', () => {
  const cases = readFileSync(join(import.meta.dirname, '../../fixtures/docker-cp.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.match(/^(\S+) (\S+): (.*)$/)!.slice(1) as [string, string, string])

  test('the table is whole', () => expect(cases).toHaveLength(165))

  test.each(cases)('%s to %s', async (source, target, expected) => {
    expect(await outcome(source, target)).toBe(expected.split(' ').toSorted().join(' '))
  })
})

test.each([
  ['link', 'new', '+new=F'],
  ['link', 'dir', '+dir/link=F'],
  ['dlink', 'dir', '+dir/dlink/ +dir/dlink/a=A +dir/dlink/sub/ +dir/dlink/sub/b=B'],
  ['dlink', 'file', 'error'],
  ['broken', 'new', 'error'],
])('with --follow-link, %s to %s', async (source, target, expected) => {
  expect(await outcome(source, target, { followLink: true, overwrite: false })).toBe(expected)
})

test.each([
  ['dir', 'file', '+file/ +file/a=A +file/sub/ +file/sub/b=B -file=D'],
  ['file', 'clash', '+clash/file=F -clash/file/'],
  ['dlink/', 'clash', '+clash/dlink/ +clash/dlink/a=A +clash/dlink/sub/ +clash/dlink/sub/b=B -clash/dlink=X'],
  ['dir', 'file/', 'error'],
])('with --overwrite, %s to %s', async (source, target, expected) => {
  expect(await outcome(source, target, { followLink: false, overwrite: true })).toBe(expected)
})
