import { chownSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { busyboxEntries } from '../harness/busybox.ts'
import { processesOf, untilNothing } from '../harness/leftovers.ts'
import { type Role, roles } from '../harness/role.ts'
import type { RunningCommand, RunResult } from '../harness/run.ts'
import { createSandbox, type Sandbox } from '../harness/sandbox.ts'
import { packTar } from '../harness/tar.ts'
import { expectTruth, type Told } from './container-truth.ts'
import { killAll, processTree } from './process-tree.ts'
import { type Random, seededRandom } from './random.ts'
import { errorCode } from './small-disk.ts'
import { expectMended, expectOnlyGarbage, storeOf } from './store-checks.ts'
import { tally } from './tally.ts'

const seed = process.env['PODWRIGHT_CRASH_SEED'] ?? `${Date.now()}`
const names = ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay'] as const
const image = 'lively:1'
const victims = ['client', 'clients', 'monitor', 'runtime', 'process', 'keeper'] as const
type Victim = (typeof victims)[number]

/** Commands that wait for as long as somebody else lets them. */
const waiting = /^(wait|attach|logs -f|run --rm|exec .* sleep)/

/** Kills clients, monitors, runtimes, keepers and containers' processes at random moments, with two to eight clients at work on the same containers. */
export function defineContainerKills(name: Role['name'], rounds: number): void {
  const role = roles.find((one) => one.name === name)!
  const share = Math.ceil(rounds / roles.filter((one) => one.missing === undefined).length)
  const random = seededRandom(`${seed} containers ${role.name}`)

  test(`${share} kills over containers as ${name}, seed ${seed}`, { timeout: 120_000 + share * 60_000 }, async (context) => {
    context.skip(role.missing !== undefined, role.missing)
    await using sandbox = createSandbox(role)
    await importLively(sandbox)
    const counts = new Map(victims.map((victim) => [victim, tally(context, `containers: ${victim}, ${role.name}`, 'kills')]))
    const others = tally(context, `beside a kill over containers, ${role.name}`, 'commands')
    const ids = new Set<string>()
    let told: readonly Told[] = []
    let kills = 0
    for (let round = 1; kills < share; round++) {
      expect(round, 'too little is there to be killed').toBeLessThan(share * 4 + 20)
      const victim = victims[round % victims.length]!
      const about = `seed ${seed}, round ${round}, ${victim}`
      await populate(sandbox, random, told, about)
      const outcome = await killOne(sandbox, random, victim, about, others)
      told = await expectTruth(sandbox, ids, about)
      if (outcome === undefined) continue
      counts.get(victim)?.(outcome)
      kills += 1
      if (kills % 10 !== 0 && kills !== share) continue
      told = await expectNothingLeft(sandbox, ids, about)
      process.stderr.write(`${role.name}: ${kills} of ${share} kills over containers\n`)
    }
  })
}

async function importLively(sandbox: Sandbox): Promise<void> {
  const path = join(sandbox.home, 'lively.tar')
  writeFileSync(path, packTar(busyboxEntries()))
  chownSync(path, sandbox.role.uid, sandbox.role.gid)
  writeFileSync(join(sandbox.home, 'given'), 'given\n')
  chownSync(join(sandbox.home, 'given'), sandbox.role.uid, sandbox.role.gid)
  await sandbox.ok(['import', '-q', '-c', 'ENV PATH=/bin', path, image])
}

const long = ['sh', '-c', 'trap "exit 7" TERM; while :; do echo tick; sleep 0.2; done']
const short = ['sh', '-c', 'echo once; sleep 0.2; exit 7']

/** A name that is not told of is free, one that is told of is taken. */
async function populate(sandbox: Sandbox, random: Random, told: readonly Told[], about: string): Promise<void> {
  for (const name of names) {
    const isTaken = told.some((one) => one.name === name)
    if (!isTaken && random.below(3) < 1) continue
    const { code, stderr } = await sandbox.podwright([
      'create',
      '--name',
      name,
      ...flags(random),
      image,
      ...random.one([long, long, short]),
    ])
    expect([about, name, code, stderr]).toEqual([about, name, isTaken ? 125 : 0, isTaken ? expect.stringContaining('in use') : ''])
    if (!isTaken && random.below(3) < 2) await sandbox.podwright(['start', name])
  }
}

function flags(random: Random): readonly string[] {
  return random.one([
    ['--network', 'none'],
    ['--network', 'none'],
    [],
    ['--network', 'none', '--restart', 'always'],
    ['--network', 'none', '--restart', 'on-failure:3'],
  ])
}

function wordsOf(sandbox: Sandbox, random: Random): readonly string[] {
  const name = random.one(names)
  const given = join(sandbox.home, 'given')
  const taken = join(sandbox.home, `taken-${Math.floor(random.below(1e6))}`)
  return random.one<readonly string[]>([
    ['create', '--name', name, ...flags(random), image, ...long],
    ['run', '-d', '--name', name, ...flags(random), image, ...long],
    ['run', '--rm', '--network', 'none', image, ...short],
    ['run', '--rm', '--name', name, image, ...short],
    ['start', name],
    ['start', name],
    ['stop', '-t', '1', name],
    ['stop', '-t', '0', '-a'],
    ['restart', '-t', '0', name],
    ['kill', name],
    ['pause', name],
    ['unpause', name],
    ['rm', name],
    ['rm', '-f', '-t', '0', name],
    ['rename', name, random.one(names)],
    ['exec', name, 'sh', '-c', 'echo x > /y; exit 7'],
    ['exec', name, 'sleep', '2'],
    ['exec', '-d', name, 'sleep', '1'],
    ['cp', given, `${name}:/given`],
    ['cp', `${name}:/etc/passwd`, taken],
    ['commit', '-q', name, 'committed:1'],
    ['export', '-o', taken, name],
    ['logs', name],
    ['logs', '-f', name],
    ['attach', name],
    ['wait', name],
    ['ps', '-a'],
    ['inspect', name],
    ['stats', '--no-stream', name],
    ['top', name],
    ['update', '--restart', 'no', name],
    ['container', 'prune', '-f'],
  ])
}

/** How it was killed; undefined when nothing was there to be. */
async function killOne(
  sandbox: Sandbox,
  random: Random,
  victim: Victim,
  about: string,
  others: (outcome: string) => void,
): Promise<string | undefined> {
  const clients: { readonly words: readonly string[]; readonly command: RunningCommand }[] = []
  const many = 2 + Math.floor(random.below(7))
  for (let index = 0; index < many; index++) {
    const words = wordsOf(sandbox, random)
    clients.push({ words, command: sandbox.start(['--debug', ...words], { timeoutMs: 60_000 }) })
    await sleep(random.below(60))
  }
  await sleep(random.below(500))
  const killed = new Set<RunningCommand>()
  let outcome: string | undefined
  if (victim === 'client' || victim === 'clients') {
    const alive = clients.filter(({ command: { child } }) => child.exitCode === null && child.signalCode === null)
    const chosen = victim === 'clients' ? alive : alive.length === 0 ? [] : [random.one(alive)]
    const withAll = random.below(2) < 1
    for (const { command } of chosen) killed.add(command)
    killAll(chosen.flatMap(({ command: { child } }) => (withAll ? processTree(child.pid!) : [child.pid!])))
    if (chosen.length > 0) outcome = withAll ? 'killed with all its processes' : 'killed alone'
  } else outcome = await killPart(sandbox, random, victim)
  for (const { words, command } of clients) {
    const end = await endOf(command, waiting.test(words.join(' ')), killed)
    if (killed.has(command)) others('killed')
    else others(outcomeOf(end, words, about))
  }
  return outcome
}

/** Waits for its end; what waits for others is ended after a while. */
async function endOf(command: RunningCommand, isWaiting: boolean, killed: Set<RunningCommand>): Promise<RunResult> {
  if (!isWaiting) return command.result
  const end = await Promise.race([command.result, sleep(1500).then(() => undefined)])
  if (end !== undefined) return end
  killed.add(command)
  killAll([command.child.pid!])
  return command.result
}

/** Those that tell a container's exit code: 255 when nobody knows it. */
const isWatching = /^(run|start|wait|attach|exec)/

/** What a command that was not killed may end with: what it was asked for, or an error with a code. */
function outcomeOf(end: RunResult, words: readonly string[], about: string): string {
  if ([0, 1, 7, 137, 143].includes(end.code) || (end.code === 255 && isWatching.test(words.join(' '))))
    return end.code === 0 ? 'done' : `exit ${end.code}`
  const code = errorCode(end) ?? 'no code'
  expect([about, words.join(' '), end.code, code, end.stderr]).toEqual([
    about,
    words.join(' '),
    expect.toSatisfy((one: number) => [125, 126, 127, 255].includes(one)),
    expect.stringMatching(/^ERR_(?!INTERNAL)/),
    expect.anything(),
  ])
  return code
}

const parts: Readonly<Record<Exclude<Victim, 'client' | 'clients'>, (command: string) => boolean>> = {
  monitor: (command) => /^\S*conmon /.test(command),
  runtime: (command) => /^\S*(crun|runc) /.test(command),
  keeper: (command) => command.includes('keeper'),
  process: (command) => /^(sh -c (trap|echo once)|sleep )/.test(command),
}

/** One of those that are there, or come within a moment. */
async function killPart(sandbox: Sandbox, random: Random, part: keyof typeof parts): Promise<string | undefined> {
  const deadline = Date.now() + 600
  while (Date.now() < deadline) {
    const found = processesOf(sandbox.directory).filter(({ command }) => parts[part](command))
    if (found.length > 0) {
      killAll([random.one(found).pid])
      return 'killed'
    }
    await sleep(1)
  }
  return undefined
}

/** Everything can be removed, and then nothing is left at all. */
async function expectNothingLeft(sandbox: Sandbox, ids: Set<string>, about: string): Promise<readonly Told[]> {
  await sandbox.ok(['rm', '-f', '-a', '-t', '0'])
  const left = await untilNothing(
    () => processesOf(sandbox.directory).filter(({ command }) => !/pause|sleep infinity/.test(command)),
    10_000,
  )
  expect([about, left]).toEqual([about, []])
  const told = await expectTruth(sandbox, ids, about)
  expect([about, told]).toEqual([about, []])
  await expectOnlyGarbage(sandbox, about)
  await expectMended(sandbox, about)
  const locks = readdirSync(join(sandbox.directory, 'run/podwright/locks')).filter((name) => /^[0-9a-f]{64}/.test(name))
  expect([about, locks, readdirSync(storeOf(sandbox, 'containers'))]).toEqual([about, [], []])
  return told
}
