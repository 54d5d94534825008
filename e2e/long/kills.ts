import { randomBytes } from 'node:crypto'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { type Image, makeImage } from '../harness/image.ts'
import { processesOf, untilNothing } from '../harness/leftovers.ts'
import { type Role, roles } from '../harness/role.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'
import type { TarEntry } from '../harness/tar.ts'
import { type CountingRegistry, startCountingRegistry } from './counting-registry.ts'
import { killAll, processTree } from './process-tree.ts'
import { type Random, seededRandom } from './random.ts'
import { bytesOnDisk, expectMended, expectOnlyGarbage, expectRuns, listedImages } from './store-checks.ts'
import { tally } from './tally.ts'

/** Kills over all roles that run here. */
const rounds = Number(process.env['PODWRIGHT_CRASH_ROUNDS'] ?? 20)
const seed = process.env['PODWRIGHT_CRASH_SEED'] ?? `${Date.now()}`
const mine = roles.filter((role) => role.missing === undefined).length
const operations = ['pull', 'load', 'rmi', 'prune', 'commit'] as const
type Operation = (typeof operations)[number]

const noTls = '--tls-verify=false'
const payload = (mebibytes: number): TarEntry[] => [{ path: 'payload', content: randomBytes(mebibytes * 2 ** 20) }]
const manyFiles = Array.from({ length: 600 }, (_, index): TarEntry => ({ path: `many/${index}`, content: `${index}` }))
const config = { Env: ['PATH=/bin'] }

/** Kills commands of a role at random moments, with a second process at work. */
export function defineKills(name: Role['name']): void {
  const role = roles.find((one) => one.name === name)!
  const share = Math.ceil(rounds / mine)
  const random = seededRandom(`${seed} ${role.name}`)

  test(`${share} kills as ${name}, seed ${seed}`, { timeout: 120_000 + share * 30_000 }, async (context) => {
    context.skip(role.missing !== undefined, role.missing)
    await using sandbox = createSandbox(role)
    await using registry = await startCountingRegistry()
    const bench = await prepare(sandbox, registry)
    const counts = new Map(operations.map((operation) => [operation, tally(context, `podwright ${operation}, ${role.name}`, 'kills')]))
    const others = tally(context, `beside a kill, ${role.name}`, 'commands')
    let kills = 0
    for (let round = 1; kills < share; round++) {
      expect(round, 'too many commands end before they are killed').toBeLessThan(share * 3 + 20)
      const operation = operations[round % operations.length]!
      const about = `seed ${seed}, round ${round}, ${operation}`
      await bench.makeReady(operation)
      const { outcome, other } = await killOne(bench, operation, random, about)
      others(other)
      if (outcome === undefined) continue
      kills += 1
      counts.get(operation)?.(outcome)
      await expectWell(bench, operation, random, about)
      if (kills % 25 === 0 || kills === share) {
        for (const id of await listedImages(sandbox)) await expectRuns(sandbox, id, about)
        await expectMended(sandbox, about)
        process.stderr.write(`${role.name}: ${kills} of ${share} kills\n`)
      }
    }
  })
}

/** What the rounds are done with. */
interface Bench {
  readonly sandbox: Sandbox
  readonly registry: CountingRegistry
  readonly one: Image
  readonly names: Readonly<Record<'base' | 'one' | 'two', string>>
  readonly archive: string
  /** Milliseconds that each operation may take before it is killed; grows and shrinks with what is seen. */
  readonly spans: Map<Operation, number>
  /** Brings the store to where there is something to do. */
  makeReady(operation: Operation): Promise<void>
}

async function prepare(sandbox: Sandbox, registry: CountingRegistry): Promise<Bench> {
  const base = makeImage({ layers: [busyboxEntries()], config })
  const one = makeImage({ layers: [busyboxEntries(), payload(6), manyFiles], config })
  const two = makeImage({ layers: [busyboxEntries(), payload(2)], config })
  const loaded = makeImage({ layers: [busyboxEntries(), payload(3), manyFiles.slice(0, 300)], config })
  const names = { base: `${registry.address}/base:1`, one: `${registry.address}/one:1`, two: `${registry.address}/two:1` }
  for (const [name, image] of Object.entries({ base, one, two, loaded })) registry.add(name, '1', image)
  const archive = join(sandbox.home, 'loaded.tar')
  await sandbox.ok(['pull', '-q', noTls, `${registry.address}/loaded:1`])
  await sandbox.ok(['save', '-q', '-o', archive, `${registry.address}/loaded:1`])
  chownSync(archive, sandbox.role.uid, sandbox.role.gid)
  const ignore = (args: readonly string[]): Promise<unknown> => sandbox.podwright(args)
  return {
    sandbox,
    registry,
    one,
    names,
    archive,
    spans: new Map([
      ['pull', 900],
      ['load', 700],
      ['rmi', 300],
      ['prune', 300],
      ['commit', 700],
    ]),
    async makeReady(operation) {
      registry.pauseMs = 0
      if (operation === 'pull') await ignore(['rmi', '-f', names.one])
      if (operation === 'load') await ignore(['rmi', '-f', `${registry.address}/loaded:1`])
      if (operation === 'rmi') await sandbox.ok(['pull', '-q', noTls, names.one])
      if (operation === 'prune') {
        await sandbox.ok(['pull', '-q', noTls, names.one])
        await sandbox.ok(['untag', names.one])
      }
      // A prune that was killed may have been at its removal.
      const maker = operation === 'commit' ? await sandbox.podwright(['inspect', '-f', '{{.State.Status}}', 'maker']) : undefined
      if (maker === undefined || maker.stdout.trim() === 'exited') return
      await ignore(['rm', '-f', 'maker'])
      const script = 'mkdir /d; for i in $(seq 300); do echo $i > /d/$i; done; head -c 3000000 /dev/urandom > /big'
      await sandbox.ok(['run', '--name', 'maker', noTls, '--network', 'none', names.base, 'sh', '-c', script])
    },
  }
}

function wordsOf(bench: Bench, operation: Operation, random: Random): readonly string[] {
  if (operation === 'pull') return ['pull', '-q', noTls, bench.names.one]
  if (operation === 'load') return ['load', '-q', '-i', bench.archive]
  if (operation === 'rmi') return ['rmi', '-f', bench.names.one]
  if (operation === 'prune')
    return random.one([
      ['image', 'prune', '-a', '-f'],
      ['image', 'prune', '-f'],
      ['system', 'prune', '-a', '-f'],
    ])
  return ['commit', '-q', 'maker', `committed:${Math.floor(random.below(3))}`]
}

/** What somebody else is doing meanwhile. */
function wordsBeside(bench: Bench, random: Random): readonly string[] {
  const { names, archive } = bench
  return random.one([
    ['pull', '-q', noTls, names.one],
    ['pull', '-q', noTls, names.two],
    ['load', '-q', '-i', archive],
    ['rmi', '-f', names.two],
    ['image', 'prune', '-f'],
    ['run', '--rm', '-q', noTls, '--network', 'none', names.base, 'true'],
  ])
}

/** Kills a command; undefined when it had ended before. */
async function killOne(
  bench: Bench,
  operation: Operation,
  random: Random,
  about: string,
): Promise<{ outcome: string | undefined; other: string }> {
  const { sandbox, registry, spans } = bench
  registry.pauseMs = random.one([0, 0, 2, 5])
  const span = spans.get(operation)! + registry.pauseMs * (operation === 'pull' ? 120 : 0)
  const delayMs = random.below(span)
  const leadMs = random.below(300)
  const beside = wordsBeside(bench, random)
  const withAll = random.below(2) < 1
  const otherFirst = random.below(2) < 1
  const otherStarts = async (): Promise<Awaited<ReturnType<Sandbox['podwright']>>> => {
    if (!otherFirst) await sleep(leadMs)
    return sandbox.podwright(beside)
  }
  const other = otherStarts()
  other.catch(() => {})
  if (otherFirst) await sleep(leadMs)
  const victim = sandbox.start(wordsOf(bench, operation, random))
  await sleep(delayMs)
  const pid = victim.child.pid!
  const isOver = victim.child.exitCode !== null || victim.child.signalCode !== null
  if (!isOver) killAll(withAll ? processTree(pid) : [pid])
  const end = await victim.result
  const killed = end.code === 137
  spans.set(operation, spans.get(operation)! * (killed ? 1.03 : 0.9))
  if (!killed) expect([about, end.code, end.stderr]).toEqual([about, 0, ''])
  return {
    outcome: killed ? (withAll ? 'killed with all its processes' : 'killed alone') : undefined,
    other: otherOutcome(await other, beside, about),
  }
}

function otherOutcome(
  { code, stderr }: { readonly code: number; readonly stderr: string },
  words: readonly string[],
  about: string,
): string {
  if (code === 0) return 'done'
  if (words[0] === 'rmi' && code === 1) return 'nothing to remove'
  expect([about, words.join(' '), code, stderr]).toEqual([about, words.join(' '), 0, ''])
  return 'failed'
}

/** What has to be true after a kill. */
async function expectWell(bench: Bench, operation: Operation, random: Random, about: string): Promise<void> {
  const { sandbox, registry, names, one } = bench
  // What the killed command had started ends by itself.
  const left = await untilNothing(
    () => processesOf(sandbox.directory).filter(({ command }) => !/pause|sleep infinity/.test(command)),
    10_000,
  )
  expect([about, left]).toEqual([about, []])
  await expectOnlyGarbage(sandbox, about)
  const images = await listedImages(sandbox)
  if (images.length > 0) await expectRuns(sandbox, random.one(images), about)
  registry.pauseMs = 0
  if (operation !== 'pull') return
  const before = bytesOnDisk(sandbox, one)
  registry.forget()
  const expected = one.blobs.map(({ digest, bytes }) => bytes.length - before.get(digest)!)
  await sandbox.ok(['pull', '-q', noTls, names.one])
  const fetched = one.blobs.map(({ digest }) => registry.servedBytes.get(digest) ?? 0)
  expect([about, fetched]).toEqual([about, expected])
  await expectRuns(sandbox, names.one, about)
}
