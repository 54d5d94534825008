import type { Engine } from '@podwright/contracts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../src/index.ts'
import { storeBusybox } from './busybox.ts'

/** An engine with directories of its own, which ends what runs in it when it is disposed of. */
export interface EngineSandbox extends AsyncDisposable {
  readonly engine: Engine
  readonly root: string
  readonly runRoot: string
  /** Another client of the same engine, as another process would be. */
  reopen(): Promise<Engine>
  /** Processes that have to do with a container, by their command lines. */
  processesOf(id: string): number[]
  /** What is left of a container on disk. */
  leftovers(id: string): string[]
}

export async function openSandbox(): Promise<EngineSandbox> {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'))
  const [root, runRoot] = [join(directory, 'root'), join(directory, 'run')]
  const reopen = (): Promise<Engine> => openEngine({ root, runRoot })
  const engine = await reopen()
  await storeBusybox(root, runRoot)
  return {
    engine,
    root,
    runRoot,
    reopen,
    processesOf,
    leftovers: (id) => ['containers', 'snapshots'].flatMap((kind) => readdirSync(join(root, kind)).filter((name) => name === id)),
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]()
      // What a test has done to the files, or to the engine, is not known to a handle of before.
      await using last = await reopen()
      for (const { id } of await last.containers.list({ all: true })) await last.containers.remove(id, { force: true })
      removeSafely(directory)
    },
  }
}

/** A recursive deletion goes through mounts: what a test that failed has left mounted is somebody's files. */
function removeSafely(directory: string): void {
  const below = (): string[] => mountPoints().filter((target) => target.startsWith(`${directory}/`))
  for (const target of below().toReversed()) spawnSync('umount', ['--lazy', target])
  const [left] = below()
  if (left !== undefined) throw new Error(`nothing is deleted in ${directory}: something is still mounted on ${left}`)
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 })
}

function mountPoints(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
}

function processesOf(id: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** The processes that have to do with a container once those that are ending have ended. */
export function processesLeft(sandbox: EngineSandbox, id: string): Promise<number[]> {
  return eventually(
    () => sandbox.processesOf(id),
    (pids) => pids.length === 0,
  )
}

/** Looks again until it is so, for at most ten seconds: what is waited for happens in other processes. */
export async function eventually<Value>(look: () => Value | Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const value = await look()
    if (isRight(value) || Date.now() > deadline) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
