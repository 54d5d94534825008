import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'
import { startCountingRegistry } from './counting-registry.ts'
import { killAll, processTree } from './process-tree.ts'
import { bytesOnDisk, expectOnlyGarbage, expectRuns } from './store-checks.ts'
import { tally } from './tally.ts'

const noTls = '--tls-verify=false'
const days = 24 * 3600 * 1000

/** Loaded before the command: its clock is another than that of the machine and of the files. */
const otherClock = `
const offset = Number(process.env.CLOCK_OFFSET_MS)
const Real = Date
globalThis.Date = class extends Real {
  constructor(...words) { if (words.length > 0) super(...words); else super(Real.now() + offset) }
  static now() { return Real.now() + offset }
}
`

asEachRole(({ role, sandbox }) => {
  const at = (offsetMs: number, words: readonly string[]): Promise<RunResult> => {
    const file = join(sandbox().directory, 'other-clock.mjs')
    writeFileSync(file, otherClock)
    chmodSync(file, 0o644)
    return sandbox().podwright(words, { env: { NODE_OPTIONS: `--import=${file}`, CLOCK_OFFSET_MS: String(offsetMs) } })
  }

  test.for([
    ['set back', -3 * days, 0],
    ['set forward', 3 * days, 0],
    ['set back since the pull began', 0, 3 * days],
  ] as const)('the clock is %s: what is in work is left alone', { timeout: 300_000 }, async ([, pruneMs, pullMs], context) => {
    const count = tally(context, `beside a pull with another clock, ${role.name}`, 'commands')
    await using registry = await startCountingRegistry()
    const image = makeImage({
      layers: [busyboxEntries(), [{ path: 'payload', content: randomBytes(4_000_000) }]],
      config: { Env: ['PATH=/bin'] },
    })
    registry.add('clock', '1', image)
    const name = `${registry.address}/clock:1`
    registry.pauseMs = 40
    const pull = at(pullMs, ['pull', '-q', noTls, name])
    const done = new AbortController()
    void pull.finally(() => done.abort())
    while (!done.signal.aborted) {
      for (const words of [
        ['system', 'prune', '-f'],
        ['image', 'prune', '-a', '-f'],
        ['system', 'check', '--repair', '--quick', '--max', '0s'],
      ]) {
        const { code, stderr } = await at(pruneMs, words)
        count(code === 0 ? 'done' : 'failed')
        expect([words, code, stderr]).toEqual([words, 0, ''])
      }
    }
    const { code, stderr } = await pull
    expect([code, stderr]).toEqual([0, ''])
    // The last of them may have come right after the pull.
    registry.pauseMs = 0
    await sandbox().ok(['pull', '-q', noTls, name])
    const cut = await Promise.all([
      at(pullMs, ['run', '--rm', '--network', 'none', name, 'true']),
      at(pruneMs, ['system', 'prune', '-f']),
      at(pullMs, ['create', '--name', `c${pruneMs}.${pullMs}`, name, 'true']),
      at(pruneMs, ['system', 'prune', '-f']),
    ])
    expect(cut.map((end) => [end.code, end.stderr])).toEqual(cut.map(() => [0, '']))
    await expectRuns(sandbox(), name, 'another clock')
    await expectOnlyGarbage(sandbox(), 'another clock')
    await sandbox().ok(['rm', '-f', '-a'])
    await sandbox().ok(['rmi', '-f', name])
  })

  test.for([
    ['back', 'stays for the next', -3 * days],
    ['forward', 'is old and goes', 3 * days],
  ] as const)('the clock is set %s: what a killed pull has left %s', { timeout: 120_000 }, async ([direction, , pruneMs]) => {
    await using registry = await startCountingRegistry()
    const image = makeImage({ layers: [[{ path: 'payload', content: randomBytes(4_000_000) }]] })
    const { digest, bytes } = image.blobs[1]!
    registry.add('left', '1', image)
    const name = `${registry.address}/left:1`
    registry.pauseMs = 30
    const victim = sandbox().start(['pull', '-q', noTls, name])
    while ((registry.servedBytes.get(digest) ?? 0) < 1_000_000) await sleep(20)
    killAll(processTree(victim.child.pid!))
    await victim.result
    const left = bytesOnDisk(sandbox(), image).get(digest)!
    expect(left).toBeGreaterThan(500_000)
    expect((await at(pruneMs, ['system', 'prune', '-f'])).code).toBe(0)
    registry.forget()
    registry.pauseMs = 0
    await sandbox().ok(['pull', '-q', noTls, name])
    expect(registry.servedBytes.get(digest)).toBe(direction === 'back' ? bytes.length - left : bytes.length)
  })
})
