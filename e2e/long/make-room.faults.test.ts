import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { isRoot, roles } from '../harness/role.ts'
import { packTar } from '../harness/tar.ts'
import { busyboxEntries } from '../harness/busybox.ts'
import { smallDisk } from './small-disk.ts'
import { expectOnlyGarbage, expectRuns } from './store-checks.ts'
import { tally } from './tally.ts'

/** Each gives something back. */
const removals: readonly (readonly string[])[] = [
  ['rmi', 'image:3'],
  ['untag', 'image:2', 'more:2'],
  ['rm', 'created'],
  ['rm', '-v', 'ended'],
  ['stop', '-t', '0', 'stopped'],
  ['rm', '-f', 'running'],
  ['volume', 'rm', 'data'],
  ['manifest', 'rm', 'list:1'],
  ['artifact', 'rm', 'artifact:1'],
  ['image', 'unmount', 'image:2'],
  ['container', 'prune', '-f'],
  ['volume', 'prune', '-a', '-f'],
  ['rmi', '-f', 'image:1'],
  ['image', 'prune', '-a', '-f'],
  ['system', 'prune', '-a', '-f'],
]

describe.each(roles.filter(({ missing }) => missing === undefined))('as $name', (role) => {
  test('whoever wants to make room on a full disk can', { timeout: 600_000 }, async (context) => {
    context.skip(!isRoot, 'needs root')
    const count = tally(context, `with no byte free, removals, ${role.name}`, 'commands')
    await using disk = smallDisk(role, 96)
    const { sandbox } = disk
    const base = `${inject('registry')}/busybox:1`
    const file = (name: string): string => join(sandbox.home, name)
    writeFileSync(file('tree.tar'), packTar([...busyboxEntries()]))
    chownSync(file('tree.tar'), role.uid, role.gid)
    await sandbox.ok(['pull', '-q', base])
    for (const tag of ['1', '2', '3']) {
      await sandbox.ok(['import', '-q', '-c', `LABEL tag=${tag}`, '-c', 'ENV PATH=/bin', file('tree.tar'), `image:${tag}`])
    }
    const make = ['--network', 'none', '-v', '/anonymous', 'image:1']
    await sandbox.ok(['create', '--name', 'created', ...make, 'true'])
    await sandbox.ok(['run', '--name', 'ended', ...make, 'sh', '-c', 'head -c 100000 /dev/zero > /anonymous/file'])
    for (const name of ['stopped', 'running']) await sandbox.ok(['run', '-d', '--name', name, ...make, 'sleep', '1000'])
    for (const name of ['data', 'other']) await sandbox.ok(['volume', 'create', name])
    await sandbox.ok(['tag', 'image:2', 'more:2'])
    await sandbox.ok(['manifest', 'create', 'list:1', 'image:2'])
    await sandbox.ok(['artifact', 'add', 'artifact:1', file('tree.tar')])
    await sandbox.ok(['image', 'mount', 'image:2'])

    for (const words of removals) {
      disk.fillUpTo(0)
      expect([words, disk.freeBytes()]).toEqual([words, 0])
      const { code, stderr } = await sandbox.podwright(words)
      expect([words, code, stderr]).toEqual([words, 0, ''])
      count('done')
    }
    expect(await sandbox.ok(['ps', '-aq'])).toBe('')
    expect(await sandbox.ok(['images', '-q'])).toBe('')
    expect(await sandbox.ok(['volume', 'ls', '-q'])).toBe('')
    disk.empty()
    await expectOnlyGarbage(sandbox, role.name)
    await sandbox.ok(['pull', '-q', base])
    await expectRuns(sandbox, base, role.name)
  })
})
