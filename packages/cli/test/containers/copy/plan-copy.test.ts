import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localSide } from '../../../src/containers/copy/local-side.ts'
import { planCopy } from '../../../src/containers/copy/plan-copy.ts'

const sourceScript = 'mkdir -p dir/sub; echo F>file; echo A>dir/a; echo B>dir/sub/b; ln -s file link; ln -s dir dlink; ln -s nowhere broken'
const targetScript =
  'mkdir -p dir/old empty clash/dir clash/file clash/link; echo D>file; echo O>dir/o; ln -s file flink; ln -s dir dlink; ln -s nowhere broken; echo X>clash/dlink'
const listScript =
  'find . -mindepth 1 | while read p; do if [ -L "$p" ]; then echo "$p>$(readlink "$p")"; elif [ -d "$p" ]; then echo "$p/"; else echo "$p=$(cat "$p")"; fi; done'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'podwright-copy-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const shell = (cwd: string, script: string): string[] =>
  execFileSync('sh', ['-c', script], { cwd, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\.\//, ''))

/** What a copy changes, as in the table; `error` when it is refused. */
async function outcome(source: string, target: string, options = { followLink: false, overwrite: false }): Promise<string> {
  const home = mkdtempSync(join(root, 'case-'))
  shell(home, `mkdir s t; (cd s; ${sourceScript}); (cd t; ${targetScript})`)
  const before = shell(join(home, 't'), listScript)
  try {
    const side = localSide()
    const plan = await planCopy(side, `${home}/s/${source}`, side, `${home}/t/${target}`, options)
    await side.write(plan.directory, side.read(plan.source.path, { ...plan.source, name: plan.name }), { overwrite: options.overwrite })
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(CLI_COPY|ARCHIVE_CONFLICT)$/) as string })
    expect(shell(join(home, 't'), listScript)).toEqual(before)
    return 'error'
  }
  const after = shell(join(home, 't'), listScript)
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
