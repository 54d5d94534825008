import { randomBytes } from 'node:crypto'
import { chownSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { pushImage } from '../harness/registry.ts'
import { isRoot, roles } from '../harness/role.ts'
import type { Sandbox } from '../harness/sandbox.ts'
import { packTar, type TarEntry } from '../harness/tar.ts'
import { errorCode, type SmallDisk, smallDisk } from './small-disk.ts'
import { expectMended, expectOnlyGarbage, expectRuns, listedImages, storeOf } from './store-checks.ts'
import { tally } from './tally.ts'

/** A command that takes space, and how to be where it was not run yet. */
interface Stage {
  readonly name: string
  readonly words: readonly string[]
  readonly fractions: readonly number[]
  readonly before?: readonly (readonly string[])[]
  /** Fails when there is nothing of what the command was to make. */
  readonly exists?: readonly string[]
}

const noTls = '--tls-verify=false'
/** How much of what a command takes is free when it begins. */
const moments = {
  ofBytes: [0, 0.01, 0.1, 0.4, 0.7, 1.02],
  ofRecords: [0, 0.004, 0.01, 0.05],
} as const
const manyFiles = Array.from({ length: 400 }, (_, index): TarEntry => ({ path: `many/${index}`, content: `${index}` }))
const payload = (bytes: number): TarEntry => ({ path: 'payload', content: randomBytes(bytes) })

describe.each(roles.filter(({ missing }) => missing === undefined))('as $name', (role) => {
  const names = ['base', 'one', 'loaded'].map((name) => `${inject('registry')}/full-${name}-${role.uid}:1`)
  const [base = '', one = '', loaded = ''] = names

  test('a disk that is full at any moment is told, and nothing that was whole is lost', { timeout: 1_200_000 }, async (context) => {
    context.skip(!isRoot, 'needs root')
    await using disk = smallDisk(role, 96)
    const { sandbox } = disk
    const stages = await prepare(sandbox)
    for (const stage of stages) {
      const count = tally(context, `on a full disk, podwright ${stage.name}, ${role.name}`, 'commands')
      const taken = await spaceTaken(disk, stage)
      for (const fraction of stage.fractions) {
        const about = `${role.name}, ${stage.name}, ${Math.round(fraction * 100)} % of ${taken} bytes free`
        count(await tryOnFullDisk(disk, stage, Math.round(fraction * taken), about))
      }
      process.stderr.write(`${role.name}: ${stage.name} done\n`)
    }
    await expectMended(sandbox, role.name)
  })

  async function prepare(sandbox: Sandbox): Promise<readonly Stage[]> {
    const image = (...more: readonly TarEntry[]): ReturnType<typeof makeImage> =>
      makeImage({ layers: [busyboxEntries(), more], config: { Env: ['PATH=/bin'] } })
    await pushImage(inject('registry'), `full-base-${role.uid}`, '1', image())
    await pushImage(inject('registry'), `full-one-${role.uid}`, '1', image(payload(3_000_000), ...manyFiles))
    await pushImage(inject('registry'), `full-loaded-${role.uid}`, '1', image(payload(2_000_000), ...manyFiles))
    const file = (name: string): string => join(sandbox.home, name)
    await sandbox.ok(['pull', '-q', noTls, loaded])
    await sandbox.ok(['save', '-q', '-o', file('loaded.tar'), loaded])
    await sandbox.ok(['rmi', loaded])
    await sandbox.ok(['pull', '-q', noTls, base])
    writeFileSync(file('tree.tar'), packTar([...busyboxEntries(), payload(1_500_000)]))
    writeFileSync(file('volume.tar'), packTar([payload(2_000_000), ...manyFiles]))
    for (const name of ['tree.tar', 'volume.tar']) chownSync(file(name), role.uid, role.gid)
    const script = 'mkdir /d; for i in $(seq 200); do echo $i > /d/$i; done; head -c 2000000 /dev/urandom > /big'
    await sandbox.ok(['run', '--name', 'maker', '--network', 'none', base, 'sh', '-c', script])
    await sandbox.ok(['commit', '-q', 'maker', 'made:1'])
    return [
      { name: 'pull', fractions: moments.ofBytes, words: ['pull', '-q', noTls, one], before: [['rmi', '-f', one]] },
      { name: 'load', fractions: moments.ofBytes, words: ['load', '-q', '-i', file('loaded.tar')], before: [['rmi', '-f', loaded]] },
      {
        name: 'import',
        fractions: moments.ofBytes,
        words: ['import', '-q', file('tree.tar'), 'imported:1'],
        before: [['rmi', '-f', 'imported:1']],
      },
      {
        name: 'commit',
        fractions: moments.ofBytes,
        words: ['commit', '-q', 'maker', 'committed:1'],
        before: [['rmi', '-f', 'committed:1']],
      },
      { name: 'save', fractions: moments.ofBytes, words: ['save', '-q', '-o', storeOf(sandbox, 'saved.tar'), 'made:1'] },
      {
        name: 'push',
        fractions: moments.ofRecords,
        words: ['push', '-q', noTls, 'made:1', `${inject('registry')}/full-pushed-${role.uid}:1`],
      },
      {
        name: 'manifest create',
        fractions: moments.ofRecords,
        words: ['manifest', 'create', 'list:1', base, 'made:1'],
        before: [['manifest', 'rm', 'list:1']],
        exists: ['manifest', 'exists', 'list:1'],
      },
      {
        name: 'volume import',
        fractions: moments.ofBytes,
        words: ['volume', 'import', 'data', file('volume.tar')],
        before: [
          ['volume', 'rm', 'data'],
          ['volume', 'create', 'data'],
        ],
      },
      {
        name: 'create',
        fractions: moments.ofRecords,
        words: ['create', '--name', 'other', base, 'true'],
        before: [['rm', '-f', 'other']],
        exists: ['inspect', 'other'],
      },
      { name: 'tag', fractions: moments.ofRecords, words: ['tag', base, 'tagged:1'], before: [['untag', base, 'tagged:1']] },
      { name: 'rmi', fractions: moments.ofRecords, words: ['rmi', 'tagged:1'], before: [['tag', base, 'tagged:1']] },
    ]
  }

  async function tryOnFullDisk(disk: SmallDisk, stage: Stage, freeBytes: number, about: string): Promise<string> {
    const { sandbox } = disk
    await makeReady(disk, stage)
    const before = await listedImages(sandbox)
    disk.fillUpTo(freeBytes)
    const end = await sandbox.podwright(['--debug', ...stage.words])
    const outcome = end.code === 0 ? 'done' : (errorCode(end) ?? 'no code')
    if (end.code !== 0) {
      expect([about, end.code, end.stderr]).toEqual([about, 125, expect.stringMatching(/^Error: .*(no space|full|free|space)/i)])
      expect([about, outcome]).toEqual([about, expect.stringMatching(/^ERR_/)])
    }
    if (end.code !== 0 && stage.exists !== undefined) expect([about, (await sandbox.podwright(stage.exists)).code]).not.toEqual([about, 0])
    // What is there can be looked at meanwhile.
    expect([about, await listedImages(sandbox)]).toEqual([about, expect.arrayContaining([...before])])
    disk.empty()
    await expectOnlyGarbage(sandbox, about)
    await expectRuns(sandbox, base, about)
    if (end.code === 0) return outcome
    const again = await sandbox.podwright(stage.words)
    expect([about, again.code, again.stderr]).toEqual([about, 0, ''])
    return outcome
  }
})

async function makeReady({ sandbox }: SmallDisk, stage: Stage): Promise<void> {
  for (const words of stage.before ?? []) await sandbox.podwright(words)
  rmSync(storeOf(sandbox, 'saved.tar'), { force: true })
  await sandbox.ok(['system', 'check', '--repair', '--quick', '--max', '0s'])
}

async function spaceTaken(disk: SmallDisk, stage: Stage): Promise<number> {
  await makeReady(disk, stage)
  const before = disk.freeBytes()
  await disk.sandbox.ok(stage.words)
  // What it needs on the way only, and the log of a database.
  return Math.max(before - disk.freeBytes(), 2_500_000) + 400_000
}
