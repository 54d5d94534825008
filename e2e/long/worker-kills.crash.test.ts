import { randomBytes } from 'node:crypto'
import { chownSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { makeImage } from '../harness/image.ts'
import { processesOf, untilNothing } from '../harness/leftovers.ts'
import { type Role, roles } from '../harness/role.ts'
import type { RunningCommand } from '../harness/run.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'
import { packTar, type TarEntry } from '../harness/tar.ts'
import { type CountingRegistry, startCountingRegistry } from './counting-registry.ts'
import { killAll, processTree } from './process-tree.ts'
import { type Random, seededRandom } from './random.ts'
import { errorCode } from './small-disk.ts'
import { expectMended, expectOnlyGarbage, expectRuns } from './store-checks.ts'
import { tally } from './tally.ts'

const rounds = Number(process.env['PODWRIGHT_CRASH_ROUNDS'] ?? 20)
const seed = process.env['PODWRIGHT_CRASH_SEED'] ?? `${Date.now()}`
const mine = roles.filter((role) => role.missing === undefined).length
const noTls = '--tls-verify=false'
const config = { Env: ['PATH=/bin'] }

/** A command that has work done inside the namespace. */
interface Operation {
  readonly name: string
  readonly words: readonly string[]
  readonly before: readonly (readonly string[])[]
  /** An image that can be run once it was carried out. */
  readonly image?: string
}

describe.each(roles.filter(({ missing }) => missing === undefined))('as $name', (role) => {
  const share = Math.max(6, Math.ceil(rounds / mine / 4))

  test(`${share} kills of the worker alone, seed ${seed}`, { timeout: 120_000 + share * 30_000 }, async (context) => {
    await using sandbox = createSandbox(role)
    await using registry = await startCountingRegistry()
    const random = seededRandom(`${seed} ${role.name}`)
    const operations = await prepare(role, sandbox, registry)
    const counts = operations.map(({ name }) => tally(context, `the worker of podwright ${name}, ${role.name}`, 'kills'))
    let kills = 0
    for (let round = 0; kills < share; round++) {
      expect(round, 'too few commands have a worker, or have it for long enough').toBeLessThan(share * 10 + 30)
      const index = round % operations.length
      const operation = operations[index]!
      const outcome = await killWorker(sandbox, operation, random, `seed ${seed}, round ${round}, ${operation.name}`)
      if (outcome === undefined) continue
      counts[index]?.(outcome)
      kills += 1
      if (kills % 10 === 0) process.stderr.write(`${role.name}: ${kills} of ${share} workers killed\n`)
    }
    await expectMended(sandbox, `seed ${seed}`)
  })
})

async function prepare(role: Role, sandbox: Sandbox, registry: CountingRegistry): Promise<readonly Operation[]> {
  // Of another user, so that nobody outside of the namespace may delete them.
  const other = { uid: 33, gid: 33 }
  const files: TarEntry[] = [{ path: 'many', type: 'directory', mode: 0o700, ...other }]
  for (let index = 0; index < 600; index++) files.push({ path: `many/${index}`, content: `${index}`, ...other })
  const big = (mebibytes: number): TarEntry => ({ path: 'payload', content: randomBytes(mebibytes * 2 ** 20) })
  const images = { base: [busyboxEntries()], one: [busyboxEntries(), [big(4), ...files]], loaded: [busyboxEntries(), [big(4), ...files]] }
  for (const [name, layers] of Object.entries(images)) registry.add(name, '1', makeImage({ layers, config }))
  const [base, one, loaded] = ['base', 'one', 'loaded'].map((name) => `${registry.address}/${name}:1`) as [string, string, string]
  const file = (name: string): string => join(sandbox.home, name)
  await sandbox.ok(['pull', '-q', noTls, base])
  await sandbox.ok(['pull', '-q', noTls, loaded])
  await sandbox.ok(['save', '-q', '-o', file('loaded.tar'), loaded])
  writeFileSync(file('tree.tar'), packTar([...busyboxEntries(), big(4), ...files]))
  chownSync(file('tree.tar'), role.uid, role.gid)
  const script =
    'mkdir /d; for i in $(seq 600); do echo $i > /d/$i; done; head -c 4000000 /dev/urandom > /big; chown -R 33:33 /d /big; chmod 700 /d'
  const make = ['run', '--name', 'maker', '--network', 'none', base, 'sh', '-c', script]
  await sandbox.ok(make)
  return [
    { name: 'pull', before: [['rmi', '-f', one]], words: ['pull', '-q', noTls, one], image: one },
    { name: 'load', before: [['rmi', '-f', loaded]], words: ['load', '-q', '-i', file('loaded.tar')], image: loaded },
    {
      name: 'import',
      before: [['rmi', '-f', 'imported:1']],
      words: ['import', '-q', '-c', 'ENV PATH=/bin', file('tree.tar'), 'imported:1'],
      image: 'imported:1',
    },
    { name: 'commit', before: [['rmi', '-f', 'committed:1'], make], words: ['commit', '-q', 'maker', 'committed:1'], image: 'committed:1' },
    { name: 'export', before: [], words: ['export', '-o', file('exported.tar'), 'maker'] },
    { name: 'diff', before: [], words: ['diff', 'maker'] },
    { name: 'rmi', before: [['pull', '-q', noTls, one]], words: ['rmi', one] },
    { name: 'rm', before: [['rm', '-f', 'maker'], make], words: ['rm', '-f', 'maker'] },
  ]
}

/** How the command took it; undefined when it had no worker any more, or never had one. */
async function killWorker(sandbox: Sandbox, operation: Operation, random: Random, about: string): Promise<string | undefined> {
  for (const words of operation.before) await sandbox.podwright(words)
  const victim = sandbox.start(['--debug', ...operation.words], { timeoutMs: 45_000 })
  const worker = await untilWorker(victim)
  if (worker !== undefined) await sleep(random.below(400))
  const killed = worker !== undefined && isWorker(worker)
  if (killed) killAll([worker])
  const end = await victim.result
  const outcome = end.code === 0 ? 'done' : (errorCode(end) ?? 'no code')
  if (!killed) expect([about, end.code, end.stderr]).toEqual([about, 0, expect.anything()])
  if (end.code !== 0)
    expect([about, end.code, outcome, end.stderr]).toEqual([about, 125, expect.stringMatching(/^ERR_/), expect.stringMatching(/^Error: /m)])
  const left = await untilNothing(
    () => processesOf(sandbox.directory).filter(({ command }) => !/pause|sleep infinity/.test(command)),
    10_000,
  )
  expect([about, left]).toEqual([about, []])
  await expectOnlyGarbage(sandbox, about)
  if (end.code !== 0) await expectAgain(sandbox, operation, about)
  if (operation.image !== undefined) await expectRuns(sandbox, operation.image, about)
  return killed ? outcome : undefined
}

/** What failed can be asked for again; a removal that has begun is known no more, or goes on. */
async function expectAgain(sandbox: Sandbox, { name, words }: Operation, about: string): Promise<void> {
  const { code, stderr } = await sandbox.podwright(words)
  if (name === 'rmi' || name === 'rm') expect([about, code < 2 ? 0 : code, stderr]).toEqual([about, 0, expect.anything()])
  else expect([about, code, stderr]).toEqual([about, 0, ''])
}

async function untilWorker({ child }: RunningCommand): Promise<number | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const worker = processTree(child.pid!).find(isWorker)
    if (worker !== undefined) return worker
    await sleep(2)
  }
  return undefined
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/worker.')
  } catch {
    return false
  }
}
