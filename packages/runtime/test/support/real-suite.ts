import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPodwrightError } from '@podwright/conventions'
import { isSameProcess, readProcessStat } from '@podwright/linux'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attach, execProcess, readExit, readLog, resizeTerminal, waitExit } from '../../src/index.ts'
import { makeContainer, type RealContainer, type Wish } from './container.ts'
import { becomePlainUser, type Ground, type Mode, openGround, reasonToSkip } from './host.ts'
import { HashSink, noise, Sink } from './streams.ts'

const megabyte = 1024 * 1024

/** Containers of real parts: the kernel, a runtime, conmon. */
export function describeContainers(mode: Mode): void {
  if (mode === 'rootless') becomePlainUser()
  for (const runtime of ['crun', 'runc']) {
    describe.skipIf(reasonToSkip(mode, runtime))(`${runtime}, ${mode}`, { timeout: 30_000 }, () => {
      let ground: Ground
      beforeAll(async () => {
        ground = await openGround(mode)
      })
      afterAll(async () => {
        await ground[Symbol.asyncDispose]()
      })
      const make = (wish: Wish): Promise<RealContainer> => makeContainer(ground, runtime, wish)
      const context: Context = { make, ground: () => ground, runtime, mode }
      describeLife(context)
      describeErrors(context)
      describeStreams(context)
      describeTerminals(context)
      describeExec(context)
      describeMounts(context)
      describeProtection(context)
    })
  }
}

interface Context {
  readonly make: (wish: Wish) => Promise<RealContainer>
  readonly ground: () => Ground
  readonly runtime: string
  readonly mode: Mode
}

/** Creates, starts and waits; the exit code. */
async function run(container: RealContainer): Promise<number> {
  await container.create()
  await container.start()
  return container.wait()
}

/** What a command prints. */
async function output(make: Context['make'], wish: Wish): Promise<string> {
  await using container = await make(wish)
  const stdout = new Sink()
  await container.create()
  await attach(container.paths, { stdout }, { onConnected: () => container.start() })
  return stdout.text()
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string; details: Readonly<Record<string, unknown>> }> {
  try {
    await work
  } catch (error) {
    if (isPodwrightError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

function describeLife({ make, mode }: Context): void {
  test('tells pids, the log and the exit code', async () => {
    await using container = await make({ command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    const { pid, monitorPid } = await container.create()
    expect(readProcessStat(monitorPid)?.command).toBe('conmon')
    expect(readProcessStat(pid)).toBeDefined()
    expect(await readExit(container.container.exitDirectory, container.id)).toBeUndefined()
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

  test.skipIf(mode === 'rootless')('pauses and resumes', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    await container.runtime.pause(container.id)
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'paused' })
    await container.runtime.resume(container.id)
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
  })

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
    await container.monitor.create({ ...container.container, exitCommand }, container.spec)
    await container.start()
    expect(await container.wait()).toBe(3)
    while (!existsSync(witness(container))) await sleep(10)
    expect(readFileSync(witness(container), 'utf8')).toBe('3')
  })

  test('a bundle whose path is longer than a socket address', async () => {
    await using container = await make({ command: ['echo', 'far'] })
    const bundle = join(container.bundle, 'x'.repeat(100))
    const { mkdirSync } = await import('node:fs')
    mkdirSync(bundle)
    const { attachPaths } = await import('../../src/index.ts')
    const stdout = new Sink()
    await container.monitor.create({ ...container.container, bundle }, container.spec)
    await attach(attachPaths(bundle), { stdout }, { onConnected: () => container.start() })
    expect(stdout.text()).toBe('far\n')
  })
}

function describeErrors({ make, ground }: Context): void {
  test.each([
    [['no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/etc/passwd/x'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/not-executable'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
    [['/tmp'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ])('%s', async (command, code, exitStatus) => {
    await using container = await make({ command })
    const error = await failure(container.create())
    expect(error).toMatchObject({ code, details: { exitStatus } })
    expect(error.message).toContain(container.container.name)
    // Nothing is left of it, so that the same id can be used once more.
    expect(await container.runtime.state(container.id)).toBeUndefined()
  })

  test('a mount of the spec that fails', async () => {
    await using container = await make({ command: ['true'], input: { mounts: [{ type: 'bind', source: '/no/such/source', target: '/mnt' }] } })
    const error = await failure(container.create())
    expect(error).toMatchObject({ details: { exitStatus: 125 } })
    expect(error.message).toContain('/no/such/source')
  })

  test('a root that can not be mounted', async () => {
    const target = ground().makeDirectory(`target-${Math.random()}`)
    await using container = await make({
      command: ['true'],
      container: { mounts: [{ type: 'overlay', source: 'overlay', target, options: ['lowerdir=/no/such/lower'] }] },
    })
    const error = await failure(container.create())
    expect(error).toMatchObject({ code: 'ERR_ROOTFS_MOUNT' })
    expect(error.message).toMatch(/mount: .*(overlay|special device)/)
  })

  test('a prefix that fails', async () => {
    await using container = await make({ command: ['true'], container: { prefix: ['nsenter', '-t', '4194304', '-m', '--'] } })
    expect(await failure(container.create())).toMatchObject({ code: 'ERR_NAMESPACE_ENTER' })
  })

  test('a monitor that is not there', async () => {
    const { createMonitor } = await import('../../src/index.ts')
    await using container = await make({ command: ['true'] })
    const monitor = createMonitor({ path: '/no/such/conmon', runtime: container.runtime })
    expect((await failure(monitor.create(container.container, container.spec))).code).toMatch(/^ERR_MONITOR_FAILED$|^ERR_NAMESPACE_ENTER$/)
  })

  test('attaching to a container that has ended', async () => {
    await using container = await make({ command: ['true'] })
    await run(container)
    while (existsSync(container.paths.socketPath)) {
      const outcome = await attach(container.paths, {}).catch((error: unknown) => error)
      if (isPodwrightError(outcome, 'ERR_ATTACH_GONE')) return
      await sleep(10)
    }
    expect(await failure(attach(container.paths, {}))).toMatchObject({ code: 'ERR_ATTACH_GONE' })
  })
}

function describeStreams({ make, runtime }: Context): void {
  test('stdout and stderr come apart', async () => {
    await using container = await make({ command: ['sh', '-c', 'echo out; echo err >&2'] })
    const [stdout, stderr] = [new Sink(), new Sink()]
    await container.create()
    expect(await attach(container.paths, { stdout, stderr }, { onConnected: () => container.start() })).toBe('ended')
    expect([stdout.text(), stderr.text()]).toEqual(['out\n', 'err\n'])
  })

  test('the end of stdin is the end of file inside', async () => {
    await using container = await make({ command: ['wc', '-c'], stdin: true })
    const [stdin, stdout] = [new PassThrough(), new Sink()]
    stdin.end('hello')
    await container.create()
    await attach(container.paths, { stdin, stdout, detachKeys: new Uint8Array() }, { onConnected: () => container.start() })
    expect(stdout.text().trim()).toBe('5')
  })

  test.skipIf(runtime !== 'crun')('100 MB through cat, byte for byte', async () => {
    await using container = await make({ command: ['cat'], stdin: true, container: { logDriver: 'none' } })
    const sent = createHash('sha256')
    const stdout = new HashSink()
    await container.create()
    await attach(
      container.paths,
      { stdin: noise(100 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
      { onConnected: () => container.start() },
    )
    expect(stdout.bytes).toBe(100 * megabyte)
    expect(stdout.hash.digest('hex')).toBe(sent.digest('hex'))
    expect(await container.wait()).toBe(0)
  })

  test('a slow reader loses nothing', async () => {
    await using container = await make({ command: ['cat'], stdin: true, container: { logDriver: 'none' } })
    const sent = createHash('sha256')
    const stdout = new HashSink(512 * 1024)
    await container.create()
    await attach(
      container.paths,
      { stdin: noise(16 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
      { onConnected: () => container.start() },
    )
    expect(stdout.bytes).toBe(16 * megabyte)
    expect(stdout.hash.digest('hex')).toBe(sent.digest('hex'))
  })

  test('a slow container is waited for', async () => {
    await using container = await make({ command: ['sh', '-c', 'sleep 1; md5sum; wc -c </dev/null'], stdin: true })
    const [sent, stdout] = [createHash('md5'), new Sink()]
    await container.create()
    await attach(
      container.paths,
      { stdin: noise(8 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
      { onConnected: () => container.start() },
    )
    expect(stdout.text()).toContain(sent.digest('hex'))
  })

  test('a closed stdout ends the attachment, not the container', async () => {
    await using container = await make({ command: ['sh', '-c', 'while :; do echo y; sleep 0.01; done'] })
    const stdout = new PassThrough()
    await container.create()
    const attachment = attach(container.paths, { stdout }, { onConnected: () => container.start() })
    stdout.once('data', () => stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })))
    expect(await attachment).toBe('output-closed')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
  })

  test('an abort leaves the container alone', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    const abort = new AbortController()
    await container.create()
    const attachment = attach(container.paths, { stdout: new Sink() }, { signal: abort.signal, onConnected: () => container.start() })
    setTimeout(() => abort.abort(new Error('enough')), 100)
    await expect(attachment).rejects.toThrow('enough')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
  })

  test('a followed log tells lines as they come, and ends', async () => {
    await using container = await make({ command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.2; done; printf end'] })
    await container.create()
    await container.start()
    const ended = async (): Promise<boolean> => (await readExit(container.container.exitDirectory, container.id)) !== undefined
    let text = ''
    for await (const { data } of readLog(container.container.logPath, { follow: true, ended, pollMs: 50 })) text += Buffer.from(data).toString()
    expect(text).toBe('1\n2\n3\nend')
  })
}

function describeTerminals({ make }: Context): void {
  test('has the window’s size, and its changes', async () => {
    const script = "stty size; trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
    await using container = await make({ command: ['sh', '-c', script], terminal: true, stdin: true })
    const stdout = new Sink()
    await container.create()
    const changed = Promise.withResolvers<void>()
    const window = (async function* () {
      yield { rows: 33, columns: 77 }
      await changed.promise
      yield { rows: 44, columns: 88 }
    })()
    const attachment = attach(container.paths, { stdout, window }, { onConnected: () => container.start() })
    await stdout.until(/ready/)
    changed.resolve()
    expect(await attachment).toBe('ended')
    expect(stdout.text()).toMatch(/33 77\r\n.*44 88\r\n/s)
    await container.wait()
    // Nobody listens once the monitor is gone, too.
    while (await resizeTerminal(container.paths.controlFifo, { rows: 1, columns: 1 })) await sleep(10)
  })

  test('detaches by its keys, and can be joined again', async () => {
    await using container = await make({ command: ['sh', '-c', 'stty raw -echo; echo ready; cat'], terminal: true, stdin: true })
    const [stdin, stdout] = [new PassThrough(), new Sink()]
    await container.create()
    const attachment = attach(container.paths, { stdin, stdout }, { onConnected: () => container.start() })
    await stdout.until(/ready/)
    // A ctrl-p that no ctrl-q follows is the container's.
    stdin.write('a\u0010b')
    await stdout.until(/a\u0010b/)
    stdin.write('c\u0010')
    await sleep(50)
    stdin.write('\u0011never')
    expect(await attachment).toBe('detached')
    expect(stdout.text()).not.toContain('never')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
    const [again, more] = [new PassThrough(), new Sink()]
    const second = attach(container.paths, { stdin: again, stdout: more })
    again.write('back')
    await more.until(/back/)
    again.write('\u0010\u0011')
    expect(await second).toBe('detached')
  })
}

function describeExec({ make, ground }: Context): void {
  const sessionOf = (container: RealContainer): { sessionDirectory: string; sessionId: string } => {
    const sessionId = createHash('sha256').update(String(Math.random())).digest('hex')
    return { sessionId, sessionDirectory: join(container.bundle, 'exec', sessionId) }
  }
  const passwd = (): string => readFileSync(join(ground().rootfs, 'etc/passwd'), 'utf8')

  test('a command with streams, its exit code, another user', async () => {
    await using container = await make({ command: ['sleep', '100'], process: { environment: { GREETING: 'hi' } } })
    await container.create()
    await container.start()
    const [stdin, stdout, stderr] = [new PassThrough(), new Sink(), new Sink()]
    stdin.end('from outside')
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({
        spec: container.spec,
        command: ['sh', '-c', 'cat; echo; id -u; echo $GREETING $HOME; echo oops >&2; exit 9'],
        user: 'www',
        passwd: passwd(),
      }),
      stdin: true,
      attach: true,
    })
    const socketPath = session.attachSocket ?? ''
    let pid = 0
    const end = await attach({ socketPath }, { stdin, stdout, stderr }, { onConnected: async () => void (pid = await session.start()) })
    expect(end).toBe('ended')
    expect(pid).toBeGreaterThan(0)
    expect(await session.wait()).toBe(9)
    expect(stdout.text()).toBe('from outside\n33\nhi /var/www\n')
    expect(stderr.text()).toBe('oops\n')
  })

  test('a command with a terminal', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const stdout = new Sink()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['sh', '-c', 'tty; echo $TERM; sleep 0.2; stty size'], terminal: true }),
      stdin: false,
      attach: true,
    })
    const window = (async function* () {
      yield { rows: 20, columns: 30 }
    })()
    const target = { socketPath: session.attachSocket ?? '', controlFifo: session.controlFifo }
    await attach(target, { stdout, window }, { onConnected: async () => void (await session.start()) })
    expect(await session.wait()).toBe(0)
    expect(stdout.text()).toMatch(/^\/dev\/pts\/\d+\r\nxterm\r\n20 30\r\n$/)
  })

  test('a detached command', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['sh', '-c', 'echo done > /tmp/witness; exit 4'] }),
      stdin: false,
      attach: false,
    })
    expect(session.attachSocket).toBeUndefined()
    expect(await session.start()).toBeGreaterThan(0)
    expect(await session.wait()).toBe(4)
    expect(readFileSync(join(ground().rootfs, 'tmp/witness'), 'utf8')).toBe('done\n')
  })

  test.each([
    [['no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/not-executable'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ])('%s', async (command, code, exitStatus) => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command }),
      stdin: false,
      attach: true,
    })
    const attachment = attach({ socketPath: session.attachSocket ?? '' }, {}, { onConnected: async () => void (await session.start()) })
    expect(await failure(attachment)).toMatchObject({ code, details: { exitStatus } })
  })

  test('in a container that has ended', async () => {
    await using container = await make({ command: ['true'] })
    await run(container)
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['true'] }),
      stdin: false,
      attach: false,
    })
    expect((await failure(session.start())).code).toMatch(/^ERR_RUNTIME_CONTAINER_NOT_(RUNNING|FOUND)$/)
  })
}

function describeMounts({ make, ground, mode }: Context): void {
  test('a root of overlay that goes with the monitor, however it ends', async () => {
    const base = ground().makeDirectory(`overlay-${Math.random()}`)
    const { mkdirSync } = await import('node:fs')
    for (const name of ['upper', 'work', "merged, it's $(here)"]) mkdirSync(join(base, name))
    const target = join(base, "merged, it's $(here)")
    const options = [`lowerdir=${ground().rootfs}`, 'upperdir=upper', 'workdir=work', ...(mode === 'rootless' ? ['userxattr'] : [])]
    await using container = await make({
      command: ['sh', '-c', 'echo written > /new; sleep 100'],
      input: { rootfs: target },
      container: { mounts: [{ type: 'overlay', source: 'overlay', target, options, workingDirectory: base }] },
    })
    const { pid, monitorPid } = await container.create()
    await container.start()
    while (!existsSync(join(base, 'upper/new'))) await sleep(10)
    expect(readFileSync(join(base, 'upper/new'), 'utf8')).toBe('written\n')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(base)
    const start = readProcessStat(pid)?.startTime ?? 0
    process.kill(monitorPid, 'SIGKILL')
    await container.runtime.kill(container.id, 9)
    while (isSameProcess(pid, start)) await sleep(10)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(base)
  })

  test('binds, tmpfs, read-only root', async () => {
    const source = ground().makeDirectory(`bind-${Math.random()}`)
    writeFileSync(join(source, 'file'), 'from the host\n')
    const text = await output(make, {
      command: ['sh', '-c', 'cat /mnt/file; touch /mnt/x /ro 2>&1; touch /scratch/x /tmp/x && echo writable; grep -c . /etc/passwd'],
      input: {
        readOnlyRoot: true,
        mounts: [
          { type: 'bind', source, target: '/mnt', readOnly: true },
          { type: 'tmpfs', target: '/scratch', options: ['size=1m'] },
        ],
      },
    })
    expect(text).toContain('from the host\n')
    expect(text).toContain('touch: /mnt/x: Read-only file system')
    expect(text).toContain('touch: /ro: Read-only file system')
    expect(text).toContain('writable\n2\n')
  })
}

function describeProtection({ make, mode }: Context): void {
  const status = async (input: Partial<Wish>, uid = '0'): Promise<Map<string, string>> => {
    const text = await output(make, { command: ['cat', '/proc/self/status'], process: { user: uid }, ...input })
    return new Map(text.split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':\t')[1] ?? '']))
  }

  test('has Podman’s capabilities and a seccomp filter', async () => {
    const facts = await status({})
    expect(facts.get('CapEff')).toBe('00000000800405fb')
    expect(facts.get('CapBnd')).toBe('00000000800405fb')
    expect(facts.get('CapInh')).toBe('0000000000000000')
    expect(facts.get('Seccomp')).toBe('2')
    expect(facts.get('NoNewPrivs')).toBe('0')
  })

  test('the filter is the same when it is taken from the cache', async () => {
    const command = ['sh', '-c', 'grep Seccomp_filters /proc/self/status; unshare -U true 2>&1; echo; chroot / true && echo may chroot']
    const first = await output(make, { command })
    expect(await output(make, { command })).toBe(first)
    expect(first).toContain('may chroot')
  })

  test('another user has none, but what is added', async () => {
    const input = { security: { capabilitiesAdd: ['net_admin'], capabilitiesDrop: ['KILL'], noNewPrivileges: true } }
    const facts = await status({ input, process: { user: 'www' } })
    expect(facts.get('CapEff')).toBe('0000000000001000')
    expect(facts.get('CapAmb')).toBe('0000000000001000')
    expect(facts.get('CapBnd')).toBe('00000000800415db')
    expect(facts.get('Groups')?.trim()).toBe('33 44')
    expect(facts.get('NoNewPrivs')).toBe('1')
    expect(facts.get('Seccomp')).toBe('0')
  })

  test('hides and protects', async () => {
    const script = 'cat /proc/timer_list | wc -c; echo 1 > /proc/sys/kernel/hostname; ls /sys/firmware | wc -l; touch /sys/x'
    const text = await output(make, { command: ['sh', '-c', `(${script}) 2>&1`] })
    expect(text).toMatch(/^0\nsh: .*\/proc\/sys\/kernel\/hostname: Read-only file system\n0\ntouch: \/sys\/x: /)
  })

  test('devices, terminals, shared memory, names', async () => {
    const script = 'ls /dev | tr "\\n" " "; mount | grep -E "shm|mqueue|devpts"; hostname; echo $HOSTNAME; echo $container; ls -ld /dev/shm'
    const text = await output(make, { command: ['sh', '-c', script], input: { hostname: 'box' } })
    for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts', 'shm', 'mqueue']) expect(text).toContain(`${name} `)
    expect(text).toContain('shm on /dev/shm type tmpfs (rw,nosuid,nodev,noexec,relatime,size=65536k')
    expect(text).toContain('mqueue on /dev/mqueue')
    expect(text).toContain('drwxrwxrwt')
    expect(text).toContain('box\nbox\npodwright\n')
  })

  test.skipIf(mode !== 'rootless')('the host’s network, rootless', async () => {
    const text = await output(make, { command: ['sh', '-c', 'ls /sys/class/net; hostname'], input: { namespaces: { network: 'host' } } })
    const { networkInterfaces, hostname } = await import('node:os')
    for (const name of Object.keys(networkInterfaces())) expect(text).toContain(name)
    expect(text).toContain(hostname())
  })

  test('privileged', async () => {
    const facts = await status({ input: { security: { privileged: true } } })
    const own = readFileSync('/proc/self/status', 'utf8')
    if (mode === 'root') expect(own).toContain(`CapBnd:\t${facts.get('CapBnd')}`)
    else expect(facts.get('CapEff')).toMatch(/1ff$|fff$/)
    expect(facts.get('Seccomp')).toBe('0')
  })
}
