/**
 * `npm run bench`: podwright beside podman, docker and skopeo, where they are installed.
 *
 *     npm run bench                              all cases; takes half an hour
 *     npm run bench -- --rounds 1                all cases, quickly
 *     npm run bench -- --only run,ps             some of them
 *     npm run bench -- --list                    what they are called
 *     npm run bench -- --json results.json       all samples, for machines
 *
 * Contenders take turns within each case, and figures are medians. Rootless contenders run as a plain user with stores of their own. Ends with 1 when a
 * target was missed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { BenchCase } from '../bench/bench-case.ts'
import { benchCases, casesOfRoot, lastCases } from '../bench/cases.ts'
import { type Contender, time } from '../bench/contender.ts'
import {
  type BenchDirectories,
  benchUser,
  buildDirectory,
  dockerContender,
  podmanContender,
  podwrightContender,
  rootContenders,
  skopeoContender,
} from '../bench/contenders.ts'
import { type DockerEngine, openDocker } from '../bench/docker-daemon.ts'
import { type GrowthSeries, growthSeries } from '../bench/growth.ts'
import { processesHolding } from '../bench/holders.ts'
import { type IdleProcess, measureIdle, measureManyIdle } from '../bench/idle.ts'
import { cacheDirectory } from '../bench/images/content.ts'
import { type CaseResult, measureCase } from '../bench/measure.ts'
import { type GrowthResult, measureGrowth } from '../bench/measure-growth.ts'
import { type BenchReport, idleContainers, renderReport, targetsOf } from '../bench/report.ts'
import { openStoresFileSystem } from '../bench/stores-file-system.ts'
import { openWorkshop, type Workshop } from '../bench/workshop.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' }, list: { type: 'boolean' } },
})
const only = values.only?.split(',')
const calledOff = signalsEnd()
const atMost = Number(values.rounds ?? Number.POSITIVE_INFINITY)

function isWanted(name: string): boolean {
  return only === undefined || only.includes(name)
}

/** What is going on, on a terminal only. @throws when the run was called off meanwhile */
function tell(text: string): void {
  calledOff.throwIfAborted()
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** What is done, where there is no terminal. */
function log(text: string, since: number): void {
  if (!process.stderr.isTTY) console.error(`${text}: ${((performance.now() - since) / 1000).toFixed(0)} s`)
}

/** Ends the run early, with everything cleaned up. */
function signalsEnd(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => controller.abort(new Error(`called off by ${name}`)))
  return controller.signal
}

/** What was found so far. */
interface Findings {
  readonly cases: CaseResult[]
  readonly growth: GrowthResult[]
  idle: Readonly<Record<string, readonly IdleProcess[]>>
  manyIdle: Readonly<Record<string, number>>
}

async function measureCases(
  report: Findings,
  cases: readonly BenchCase[],
  contenders: readonly Contender[],
  workshop: Workshop,
  settleMs: number,
): Promise<void> {
  for (const bench of cases.filter(({ name }) => isWanted(name))) {
    const began = performance.now()
    tell(`${bench.title}: making images`)
    for (const name of bench.needs ?? []) await workshop.stock(name)
    const rounds = Math.min(bench.rounds, atMost)
    const onRound = (round: number): void => tell(`${bench.title}: round ${round} of ${rounds}`)
    report.cases.push(await measureCase(bench, contenders, rounds, onRound, settleMs))
    log(bench.title, began)
  }
}

const growthRounds = 3

async function measureSeries(report: Findings, series: readonly GrowthSeries[], contender: Contender, workshop: Workshop): Promise<void> {
  for (const one of series.filter(({ name }) => isWanted(name))) {
    const began = performance.now()
    for (const name of one.steps.flatMap(({ needs }) => needs)) await workshop.stock(name)
    report.growth.push(await measureGrowth(one, contender, Math.min(growthRounds, atMost), (size) => tell(`${one.title}: ${size}`)))
    log(one.title, began)
  }
}

async function measureIdles(contenders: readonly Contender[], workshop: Workshop): Promise<Record<string, readonly IdleProcess[]>> {
  const idle: Record<string, readonly IdleProcess[]> = {}
  await workshop.stock('busybox')
  for (const contender of contenders) {
    tell(`what an idle container of ${contender.name} keeps`)
    idle[contender.name] = await measureIdle(contender, workshop.image('busybox'))
  }
  return idle
}

async function measureManyIdles(contenders: readonly Contender[], workshop: Workshop): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  await workshop.stock('busybox')
  for (const contender of contenders) {
    tell(`what ${idleContainers} idle containers of ${contender.name} keep`)
    found[contender.name] = await measureManyIdle(contender, workshop.image('busybox'), idleContainers)
  }
  return found
}

/** Who is here to be measured. */
interface Field {
  readonly podwright: Contender
  readonly engines: readonly Contender[]
  /** Those that run as root; none when this does not. */
  readonly asRoot: readonly Contender[]
  readonly all: readonly Contender[]
}

function fieldOf(directories: BenchDirectories, docker: DockerEngine | string): Field {
  const user = benchUser()
  const podwright = podwrightContender(user, directories, process.execPath)
  const podman = podmanContender(user, directories)
  const skopeo = skopeoContender(user, directories)
  if (podman === undefined) console.error('podman is not installed: there is nothing to compare with for most targets')
  if (typeof docker === 'string') console.error(`docker is left out: ${docker}`)
  const dockers = typeof docker === 'string' ? [] : [dockerContender(docker.host, directories.stores)]
  const engines = [podwright, ...(podman ? [podman] : []), ...dockers]
  const asRoot = process.getuid?.() === 0 ? [...rootContenders(directories, podwright, podman), ...dockers] : []
  const node: Contender = { ...podwright, name: 'node -e 0', words: [process.execPath, '-e', '0'] }
  return { podwright, engines, asRoot, all: [...engines, ...(skopeo ? [skopeo] : []), node] }
}

/** Goes on from what is in `report`. The order matters: what is listed at the end is a thousand images, which stay. */
async function measure(report: Findings, { podwright, engines, asRoot, all }: Field, workshop: Workshop, settleMs: number): Promise<void> {
  if (isWanted('memory')) report.idle = await measureIdles(engines, workshop)
  if (isWanted('memory-many')) report.manyIdle = await measureManyIdles(engines, workshop)
  await measureCases(report, casesOfRoot(workshop), asRoot, workshop, settleMs)
  await measureCases(report, benchCases(workshop), all, workshop, settleMs)
  await measureSeries(report, growthSeries(workshop), podwright, workshop)
  await measureCases(report, lastCases(workshop), all, workshop, settleMs)
}

function show(report: BenchReport, cases: readonly BenchCase[]): void {
  console.log(renderReport(report, cases))
  const targets = targetsOf(report, cases)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...report, targets }, null, 2)}\n`)
  if (targets.some(({ ok }) => !ok)) process.exitCode = 1
}

async function main(): Promise<void> {
  const directories = { stores: mkdtempSync(join(cacheDirectory(), 'run-')), runtime: mkdtempSync('/tmp/pwb-') }
  const fileSystem = openStoresFileSystem(directories.stores)
  for (const directory of Object.values(directories)) chmodSync(directory, 0o755)
  const docker = await openDocker(join(directories.stores, 'docker'))
  const field = fieldOf(directories, docker)
  try {
    await using workshop = await openWorkshop(directories.stores)
    const cases = [...casesOfRoot(workshop), ...benchCases(workshop), ...lastCases(workshop)]
    const report: Findings = { cases: [], growth: [], idle: {}, manyIdle: {} }
    try {
      await measure(report, field, workshop, fileSystem.settleMs)
    } finally {
      // Also of a run that was called off.
      show(report, cases)
    }
  } finally {
    for (const contender of [...field.engines, ...field.asRoot].filter(({ name }) => name !== 'docker')) cleanUp(contender)
    if (typeof docker !== 'string') await docker[Symbol.asyncDispose]()
    fileSystem[Symbol.dispose]()
    for (const directory of [...Object.values(directories), buildDirectory(directories)])
      rmSync(directory, { recursive: true, force: true })
  }
}

/** Removes what a contender made: rootless from inside its namespace, where its files belong to somebody; then what holds that namespace. */
function cleanUp(contender: Contender): void {
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = contender.env
  time(contender, ['rm', '-f', '-a'])
  if (runtime === undefined) {
    // Podman mounts its own directory on itself.
    for (const target of mountsBelow(home!)) spawnSync('umount', ['--lazy', target])
    return
  }
  const holders = [home!, runtime].flatMap(processesHolding)
  time(contender, ['unshare', 'rm', '-rf', `${home}/.local`])
  for (const pid of holders) process.kill(pid, 'SIGKILL')
}

function mountsBelow(directory: string): readonly string[] {
  const targets = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  return targets.filter((target) => target.startsWith(`${directory}/`)).toReversed()
}

async function list(): Promise<void> {
  await using workshop = await openWorkshop(cacheDirectory())
  const named = [...casesOfRoot(workshop), ...benchCases(workshop), ...growthSeries(workshop), ...lastCases(workshop)]
  const first = [
    { name: 'memory', title: 'what an idle container keeps' },
    { name: 'memory-many', title: `what ${idleContainers} idle containers keep` },
  ]
  for (const { name, title } of [...first, ...named]) console.log(`${name.padEnd(20)} ${title}`)
}

await (values.list === true ? list() : main())
