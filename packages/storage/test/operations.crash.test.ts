import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Storage } from '@podwright/contracts'
import { endNamespaces, hostExecutor, whyNoNamespace } from './fixtures/host.ts'
import { scratch } from './fixtures/scratch.ts'
import { tally } from './fixtures/tally.ts'

/** How many kills; the long lane has many. */
const rounds = Number(process.env['PODWRIGHT_CRASH_ROUNDS'] ?? 4)
const operations = ['pull', 'rmi', 'commit', 'garbage'] as const
/** Kills come within this time of the beginning of the work. */
const longestMs = 1500

using probe = scratch()
const skip = await whyNoNamespace(hostExecutor(join(probe.path, 'probe.state')))
await endNamespaces(join(probe.path, 'probe.state'))
if (skip !== undefined) process.stderr.write(`skipped, kill -9 at random moments: ${skip}\n`)

function begin(root: string, operation: string): ChildProcess {
  return fork(join(import.meta.dirname, 'fixtures/crash-operation.ts'), [root, operation], {
    execArgv: ['-C', '@podwright/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

async function ended(child: ChildProcess): Promise<string> {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return signal === 'SIGKILL' ? '' : stderr || 'ended by itself'
}

describe.skipIf(skip !== undefined)('kill -9 at random moments, with a second process at work', () => {
  test.for(operations)('of %s leaves nothing but garbage', { timeout: 60_000 + rounds * 15_000 }, async (operation, context) => {
    const count = tally(context, `storage: ${operation}`, 'kills')
    using place = scratch()
    const root = join(place.path, 'root')
    const state = `${root}.state`
    const share = Math.ceil(rounds / operations.length)
    for (let round = 0; round < share; round++) {
      const other = operations[(operations.indexOf(operation) + 1 + (round % 3)) % operations.length] ?? 'pull'
      const victims = [begin(root, operation), begin(root, other)]
      const ends = victims.map(ended)
      await Promise.all(victims.map((victim) => once(victim, 'message')))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestMs))
      victims[0]?.kill('SIGKILL')
      // The second one goes on for a while in what the first has left.
      await new Promise((resolve) => setTimeout(resolve, 300))
      victims[1]?.kill('SIGKILL')
      expect(await Promise.all(ends)).toEqual(['', ''])
      await using storage = await place.open({}, { namespace: hostExecutor(state) })
      const report = await storage.check({ full: true, minAgeMs: 0 })
      expect(report.findings.filter(({ kind }) => kind !== 'garbage')).toEqual([])
      await expectWhole(storage)
      await storage.check({ repair: true, minAgeMs: 0 })
      expect(await storage.check({ full: true, minAgeMs: 0 })).toMatchObject({ findings: [] })
      count(report.findings.length > 0 ? 'left garbage' : 'left nothing')
    }
    await endNamespaces(state)
  })
})

/** Every image that is listed has all of its files. */
async function expectWhole(storage: Storage): Promise<void> {
  for (const { id, layers } of storage.listImages()) {
    const key = 'whole'
    const { rootfs } = await storage.prepareSnapshot(key, { image: id })
    const directories = readdirSync(rootfs, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const counts = directories.map(({ name }) => readdirSync(join(rootfs, name)).length)
    expect([layers.length > 0, counts.toSorted()]).toEqual([true, counts.length === 1 ? [200] : [550, 550]])
    await storage.removeSnapshot(key)
  }
}
