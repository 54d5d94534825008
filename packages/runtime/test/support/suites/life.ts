import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSameProcess, readProcessStat } from '@podwright/linux'
import { expect, test } from 'vitest'
import { attach, attachPaths, readExit, readLog, waitExit } from '../../../src/index.ts'
import type { RealContainer } from '../container.ts'
import { Sink } from '../streams.ts'
import { type Context, failure } from './context.ts'

export function describeLife({ make, mode }: Context): void {
  test('tells pids, the log and the exit code', async () => {
    await using container = await make({ command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    const { pid, monitorPid } = await container.create()
    expect(readProcessStat(monitorPid)?.command).toBe('conmon')
    expect(readProcessStat(pid)).toBeDefined()
    expect(readExit(container.container.exitDirectory, container.id)).toBeUndefined()
    await container.start()
    const exit = await waitExit(container.container.exitDirectory, container.id)
    expect(exit.exitCode).toBe(7)
    expect(Math.abs(exit.finishedAt.getTime() - Date.now())).toBeLessThan(60_000)
    const entries = []
    for await (const { stream, data } of readLog(container.container.logPath)) entries.push([stream, Buffer.from(data).toString()])
    expect(entries.toSorted()).toEqual([
      ['stderr', 'err\n'],
      ['stdout', 'out\n'],
    ])
  })

  test('states follow the life', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    expect(await container.runtime.state(container.id)).toBeUndefined()
    await container.create()
    expect(await container.runtime.state(container.id)).toMatchObject({ id: container.id, status: 'created' })
    await container.start()
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
    await container.runtime.kill(container.id, 9)
    expect(await container.wait()).toBe(137)
    await expect(failure(container.runtime.kill(container.id, 15))).resolves.toMatchObject({ code: 'ERR_RUNTIME_CONTAINER_NOT_RUNNING' })
    await container.runtime.delete(container.id)
    await container.runtime.delete(container.id)
    expect(await container.runtime.state(container.id)).toBeUndefined()
  })

  test('is started with its hooks', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    const file = join(container.bundle, 'hook')
    // It reads what crun writes to it: crun dies of a hook that has ended before (SIGPIPE).
    const hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', 'cat > "$1"', 'sh', file] }] }
    await (await container.monitor.launch(container.container)).create({ ...container.spec, hooks })
    // (runc 1.1 runs it when the container is created already.)
    await container.start()
    expect(existsSync(file)).toBe(true)
    await container.runtime.kill(container.id, 9)
    await container.wait()
  })

  test('can not be started once it has been let go, or has ended', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    expect((await failure(container.start())).code).toMatch(/^ERR_RUNTIME_/)
    await container.runtime.kill(container.id, 9)
    await container.wait()
    expect((await failure(container.start())).code).toMatch(/^ERR_RUNTIME_/)
  })

  test('a monitor that is called off leaves nothing', async () => {
    await using container = await make({ command: ['true'] })
    for (const mountNamespace of [false, true]) {
      const launched = await container.monitor.launch({ ...container.container, mountNamespace })
      launched[Symbol.dispose]()
    }
    await expect.poll(() => monitorsOf(container.bundle), { timeout: 5_000 }).toEqual([])
    expect(await container.runtime.state(container.id)).toBeUndefined()
  })

  if (mode !== 'rootless') {
    test('pauses and resumes', async () => {
      await using container = await make({ command: ['sleep', '100'] })
      await container.create()
      await container.start()
      await container.runtime.pause(container.id)
      expect(await container.runtime.state(container.id)).toMatchObject({ status: 'paused' })
      await container.runtime.resume(container.id)
      expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
    })
  }

  test('an exit without a monitor is unknown', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    const { pid, monitorPid } = await container.create()
    await container.start()
    const [monitorStart, containerStart] = [readProcessStat(monitorPid)?.startTime ?? 0, readProcessStat(pid)?.startTime ?? 0]
    const waiting = waitExit(container.container.exitDirectory, container.id, {
      monitorAlive: () => isSameProcess(monitorPid, monitorStart),
      containerAlive: () => isSameProcess(pid, containerStart),
      pollMs: 20,
    })
    process.kill(monitorPid, 'SIGKILL')
    const early = await Promise.race([waiting, sleep(300, 'still waiting')])
    // The container lives on without it, and its exit is waited for.
    expect(early).toBe('still waiting')
    expect(isSameProcess(pid, containerStart)).toBe(true)
    await container.runtime.kill(container.id, 9)
    expect((await waiting).exitCode).toBe(-1)
  })

  test('the exit command runs after the exit file is there', async () => {
    const witness = (container: RealContainer): string => join(container.bundle, 'witness')
    await using container = await make({ command: ['sh', '-c', 'exit 3'] })
    const { exitDirectory } = container.container
    const script = 'cat "$1" > "$2.new" && mv "$2.new" "$2"'
    const exitCommand = ['/bin/sh', '-c', script, 'sh', join(exitDirectory, container.id), witness(container)]
    await (await container.monitor.launch({ ...container.container, exitCommand })).create(container.spec)
    await container.start()
    expect(await container.wait()).toBe(3)
    while (!existsSync(witness(container))) await sleep(10)
    expect(readFileSync(witness(container), 'utf8')).toBe('3')
  })

  test('a bundle whose path is longer than a socket address', async () => {
    await using container = await make({ command: ['echo', 'far'] })
    const bundle = join(container.bundle, 'x'.repeat(100))
    mkdirSync(bundle)
    const stdout = new Sink()
    await (await container.monitor.launch({ ...container.container, bundle })).create(container.spec)
    await attach(attachPaths(bundle), { stdout }, { onConnected: () => container.start() })
    expect(stdout.text()).toBe('far\n')
  })

  test('outlives whoever started it', async () => {
    await using container = await make({ command: ['sh', '-c', 'echo before; sleep 0.5; echo after; exit 6'] })
    const { name, path, globalArguments } = container.runtime
    const task = {
      container: container.container,
      spec: container.spec,
      monitor: container.monitor.path,
      runtime: { name, path, globalArguments },
    }
    const fixture = fileURLToPath(new URL('../../fixtures/create-and-wait.ts', import.meta.url))
    const child = spawn(process.execPath, ['-C', '@podwright/source', fixture, JSON.stringify(task)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await container.start()
    // What a closed terminal does, and what the kernel does when memory is short.
    process.kill(-(child.pid ?? 0), 'SIGHUP')
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await once(child, 'exit')
    expect(await container.wait()).toBe(6)
    expect(container.log()).toMatch(/F before\n.*F after\n/s)
  })
}

/** Processes that name the bundle on their command lines. */
function monitorsOf(bundle: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(bundle)
    } catch {
      return false
    }
  })
}
