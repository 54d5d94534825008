import { randomBytes } from 'node:crypto'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { isRoot, roles } from '../harness/role.ts'
import { packTar } from '../harness/tar.ts'
import { errorCode, smallDisk } from './small-disk.ts'
import { expectOnlyGarbage, expectRuns } from './store-checks.ts'
import { tally } from './tally.ts'

const noTls = '--tls-verify=false'

describe.each(roles.filter(({ missing }) => missing === undefined))('as $name', (role) => {
  test('a store that is read-only can be looked at, and refuses to be changed', { timeout: 600_000 }, async (context) => {
    context.skip(!isRoot, 'needs root')
    const reads = tally(context, `on a read-only store, commands that look, ${role.name}`, 'commands')
    const writes = tally(context, `on a read-only store, commands that change, ${role.name}`, 'commands')
    await using disk = smallDisk(role, 96)
    const { sandbox } = disk
    const image = `${inject('registry')}/busybox:1`
    const tree = join(sandbox.home, 'tree.tar')
    writeFileSync(tree, packTar([{ path: 'payload', content: randomBytes(100_000) }]))
    chownSync(tree, role.uid, role.gid)
    await sandbox.ok(['pull', '-q', noTls, image])
    await sandbox.ok(['volume', 'create', 'data'])
    await sandbox.ok(['run', '--name', 'done', '--network', 'none', image, 'sh', '-c', 'echo x > /mine'])
    const saved = join(sandbox.home, 'saved.tar')
    await sandbox.ok(['pull', '-q', noTls, `${inject('registry')}/multi:1`])
    await sandbox.ok(['save', '-q', '-o', saved, `${inject('registry')}/multi:1`])
    await sandbox.ok(['rmi', `${inject('registry')}/multi:1`])
    disk.remount('ro')
    const looks = [
      ['images'],
      ['images', '-q', '--format', 'json'],
      ['image', 'inspect', image],
      ['image', 'exists', image],
      ['history', image],
      ['image', 'tree', image],
      ['ps', '-a'],
      ['inspect', 'done'],
      ['logs', 'done'],
      ['volume', 'ls'],
      ['volume', 'inspect', 'data'],
      ['system', 'df'],
      ['info'],
      ['version'],
      ['system', 'check', '--quick'],
      ['diff', 'done'],
      ['save', '-q', '-o', join(sandbox.home, 'other.tar'), image],
    ] as const
    const changes = [
      ['pull', '-q', noTls, `${inject('registry')}/multi:1`],
      ['rmi', '-f', image],
      ['tag', image, 'other:1'],
      ['untag', image],
      ['load', '-q', '-i', saved],
      ['import', '-q', tree, 'imported:1'],
      ['commit', '-q', 'done', 'made:1'],
      ['create', image, 'true'],
      ['run', '--rm', '--network', 'none', image, 'true'],
      ['start', 'done'],
      ['rm', 'done'],
      ['volume', 'create', 'more'],
      ['volume', 'rm', 'data'],
      ['volume', 'import', 'data', tree],
      ['manifest', 'create', 'list:1', image],
      ['image', 'prune', '-a', '-f'],
      ['container', 'prune', '-f'],
      ['volume', 'prune', '-a', '-f'],
      ['system', 'prune', '-a', '-f'],
      ['system', 'check', '--repair'],
    ] as const
    const failures: string[] = []
    for (const words of looks) {
      const end = await sandbox.podwright(['--debug', ...words])
      reads(end.code === 0 ? 'done' : (errorCode(end) ?? 'no code'))
      if (end.code !== 0 && errorCode(end)?.startsWith('ERR_') !== true) failures.push(`${words.join(' ')}: ${end.code} ${end.stderr}`)
    }
    for (const words of changes) {
      const end = await sandbox.podwright(['--debug', ...words])
      writes(end.code === 0 ? 'done' : (errorCode(end) ?? 'no code'))
      const isTold = end.code !== 0 && errorCode(end)?.startsWith('ERR_') === true && /read-?only/i.test(end.stderr)
      if (!isTold) failures.push(`${words.join(' ')}: ${end.code} ${end.stderr}`)
    }
    disk.remount('rw')
    expect(failures).toEqual([])
    await expectOnlyGarbage(sandbox, 'after it was read-only')
    await expectRuns(sandbox, image, 'after it was read-only')
    await sandbox.ok(['start', 'done'])
    expect(await sandbox.ok(['volume', 'ls', '-q'])).toBe('data')
  })
})
