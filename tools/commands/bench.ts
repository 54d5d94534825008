/**
 * `npm run bench`: podwright beside podman and docker, where they are installed.
 *
 *     npm run bench                              all cases
 *     npm run bench -- --rounds 5 --only run,ps  fewer rounds, some of: version, run, ps, pull, memory
 *     npm run bench -- --json results.json       all samples, for machines
 *
 * Contenders take turns within each case, and figures are medians. Rootless contenders run as a plain user with stores of their own. Ends with 1 when a
 * target was missed.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startRegistry } from '@podwright/e2e/registry'
import { type BenchCase, benchCases, pull, pullArgs, removeImage } from '../bench/cases.ts'
import { type Contender, run, time } from '../bench/contender.ts'
import { benchUser, dockerContender, podmanContender, podwrightContender } from '../bench/contenders.ts'
import { openDocker } from '../bench/docker-daemon.ts'
import { type BenchImages, cacheDirectory, pushBenchImages } from '../bench/images.ts'
import { type CaseResult, measureCase } from '../bench/measure.ts'
import { allPids, type IdleProcess, newProcesses, peakMemory, processesHolding } from '../bench/memory.ts'
import { renderReport, targetsOf } from '../bench/report.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' } },
})

/** What is going on, on a terminal only. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

function measureCases(cases: readonly BenchCase[], contenders: readonly Contender[], node: Contender): CaseResult[] {
  return cases.map((bench) => {
    const rounds = Math.min(bench.rounds, Number(values.rounds ?? Number.POSITIVE_INFINITY))
    const field = bench.name === 'version' ? [...contenders, node] : contenders
    return measureCase(bench, field, rounds, (round) => tell(`${bench.title}: round ${round} of ${rounds}`))
  })
}

async function measurePullMemory(contenders: readonly Contender[], images: BenchImages): Promise<Record<string, number>> {
  const peaks: Record<string, number> = {}
  // Docker's pulls happen in its daemon, which is no process of the command.
  for (const contender of contenders.filter(({ name }) => name !== 'docker')) {
    tell(`memory of ${contender.name}'s pull`)
    removeImage(contender, images.debian)
    peaks[contender.name] = await peakMemory(contender, pullArgs(contender, images.debian))
    removeImage(contender, images.debian)
  }
  return peaks
}

async function measureIdle(contenders: readonly Contender[], { busybox }: BenchImages): Promise<Record<string, readonly IdleProcess[]>> {
  const idle: Record<string, readonly IdleProcess[]> = {}
  for (const contender of contenders) {
    tell(`what an idle container of ${contender.name} keeps`)
    pull(contender, busybox)
    const start = (name: string): string => run(contender, 'run', '-d', '--network', 'none', '--name', name, busybox, 'sleep', '1000')
    start('idle-1')
    await sleep(1500)
    const known = new Set(allPids())
    start('idle-2')
    await sleep(1500)
    idle[contender.name] = newProcesses(known, contender.uid ?? (contender.name === 'docker' ? 0 : process.getuid?.()))
    run(contender, 'rm', '-f', 'idle-1', 'idle-2')
  }
  return idle
}

async function main(): Promise<void> {
  const directories = { stores: mkdtempSync(join(cacheDirectory(), 'run-')), runtime: mkdtempSync('/tmp/pwb-') }
  for (const directory of Object.values(directories)) chmodSync(directory, 0o755)
  const user = benchUser()
  const podwright = podwrightContender(user, directories, process.execPath)
  const podman = podmanContender(user, directories)
  const docker = await openDocker(join(directories.stores, 'docker'))
  if (podman === undefined) console.error('podman is not installed: there is nothing to compare with for most targets')
  if (typeof docker === 'string') console.error(`docker is left out: ${docker}`)
  const contenders = [podwright, ...(podman ? [podman] : []), ...(typeof docker === 'string' ? [] : [dockerContender(docker.host)])]
  const node: Contender = { ...podwright, name: 'node -e 0', words: [process.execPath, '-e', '0'] }
  try {
    tell('making images')
    await using registry = await startRegistry()
    const images = await pushBenchImages(registry.address)
    const only = values.only?.split(',')
    const isWanted = (name: string): boolean => only === undefined || only.includes(name)
    const cases = benchCases(images)
    const report = {
      cases: measureCases(
        cases.filter(({ name }) => isWanted(name)),
        contenders,
        node,
      ),
      peakPullMemory: isWanted('memory') ? await measurePullMemory(contenders, images) : {},
      idle: isWanted('memory') ? await measureIdle(contenders, images) : {},
    }
    tell('')
    console.log(renderReport(report, cases))
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ ...report, targets: targetsOf(report, cases) }, null, 2)}\n`)
    if (targetsOf(report, cases).some(({ ok }) => !ok)) process.exitCode = 1
  } finally {
    for (const contender of [podwright, ...(podman ? [podman] : [])]) cleanUp(contender)
    if (typeof docker !== 'string') await docker[Symbol.asyncDispose]()
    for (const directory of Object.values(directories)) rmSync(directory, { recursive: true, force: true })
  }
}

/** Removes what a rootless contender made, from inside its namespace, where its files belong to somebody; then what holds that namespace. */
function cleanUp(contender: Contender): void {
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = contender.env
  time(contender, ['rm', '-f', '-a'])
  const holders = [home!, runtime!].flatMap(processesHolding)
  time(contender, ['unshare', 'rm', '-rf', `${home}/.local`])
  for (const pid of holders) process.kill(pid, 'SIGKILL')
}

await main()
