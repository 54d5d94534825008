import { spawnSync, type SpawnSyncReturns } from 'node:child_process'

/** A command line that is measured, and as whom it runs. */
export interface Contender {
  readonly name: string
  /** Program and first arguments; a case adds its own. */
  readonly words: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** @default this process's own */
  readonly uid?: number
  readonly gid?: number
  /** Its own directories: a process that names or uses one of them is its. */
  readonly marks: readonly string[]
  /** A directory that it may write to. */
  readonly scratch: string
  /** Words that `pull` takes to reach a registry that speaks plain HTTP. */
  readonly plainHttp: readonly string[]
}

/** How a run ended. */
export interface TimedRun {
  readonly milliseconds: number
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What takes longer hangs. */
const longestMs = 300_000

/** Runs it to its end, and times it from the spawn. @throws when it can't be run, or hangs */
export function time(contender: Contender, args: readonly string[]): TimedRun {
  const [program, ...first] = contender.words
  const { uid, gid, env } = contender
  const who = uid === undefined || gid === undefined ? {} : { uid, gid }
  const started = performance.now()
  const result: SpawnSyncReturns<string> = spawnSync(program, [...first, ...args], {
    cwd: '/',
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    timeout: longestMs,
    ...who,
  })
  const milliseconds = performance.now() - started
  if (result.error !== undefined) throw result.error
  return { milliseconds, code: result.status, stdout: result.stdout, stderr: result.stderr }
}

/** A shell script in place of the contender's command, which is `"$@"` in it. */
export function scripted(contender: Contender, script: string): Contender {
  return { ...contender, words: ['sh', '-c', script, 'sh', ...contender.words] }
}

/** Runs it and returns its stdout, trimmed. @throws when it doesn't exit with 0. */
export function run(contender: Contender, ...args: readonly string[]): string {
  const { code, stdout, stderr } = time(contender, args)
  if (code === 0) return stdout.trim()
  throw new Error(`${contender.name} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
}
