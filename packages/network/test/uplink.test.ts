import type { UplinkState } from '@podwright/contracts'
import { findTool, isSameProcess, readProcessStat } from '@podwright/linux'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hostDefaultRoutes } from '../src/host-routes.ts'
import { createUplink, findUplinkProgram, type UplinkProgramName } from '../src/uplink.ts'
import { disconnectUplink } from '../src/uplink-record.ts'
import { findPlainUser, inside, program, run, startTarget, userDirectory } from './fixtures/plain-user.ts'
import { skipUnless } from './fixtures/skip.ts'

const found = findPlainUser()
const noUser = skipUnless(typeof found !== 'string', `network namespaces of a plain user: ${String(found)}`)
const user = typeof found === 'string' ? { uid: -1, gid: -1, prefix: [] } : found
const routes = hostDefaultRoutes()

interface Report {
  readonly name: string
  readonly state: UplinkState
  readonly code?: string
  readonly hint?: string
  readonly message?: string
}

/** Why a program can't be tried. */
function skipProgram(name: UplinkProgramName): boolean {
  if (noUser) return true
  if (skipUnless(findTool(name) !== undefined, `${name} is not installed`)) return true
  return name === 'pasta' && skipUnless(routes.ipv4, 'pasta: this machine has no default route')
}

let directory: ReturnType<typeof userDirectory>
let target: ChildProcess & { readonly pid: number }
beforeEach(async () => {
  if (noUser) return
  directory = userDirectory(user)
  target = await startTarget(user)
})
afterEach(() => {
  if (noUser) return
  target.kill('SIGKILL')
  disconnectUplink(directory.path)
  directory.remove()
})

/** Connects in a process of the user's, which has ended when this resolves. */
async function connect(scenario: object, before: readonly string[] = []): Promise<Report> {
  const argument = JSON.stringify({ pid: target.pid, directory: directory.path, ...scenario })
  const { stdout, stderr } = await run([...before, ...user.prefix, ...program('connect.ts', argument)])
  if (stdout === '') throw new Error(stderr)
  // Nothing of the program's comes out on our terminal.
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Report
}

const ask = async (kind: 'tcp' | 'udp', address: string, port: number): Promise<string> =>
  (await inside(user, target.pid, program('ask.ts', kind, address, String(port)))).stdout.trim()

/** A name server for IPv4 and IPv6 that is certainly not the host's. */
const resolver = (...servers: readonly string[]): string => {
  const path = join(directory.path, 'resolv.conf')
  writeFileSync(path, servers.map((server) => `nameserver ${server}\n`).join(''))
  return path
}

describe.each(['pasta', 'slirp4netns'] as const)('%s', (name) => {
  const skip = skipProgram(name)
  const gateway = name === 'pasta' ? hostGateway() : '10.0.2.2'

  let server: Server
  let port = 0
  beforeAll(async () => {
    server = createServer((socket) => socket.end('hello from the host'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => server.close())

  test.skipIf(skip)('sets up the namespace, and goes on after its maker', async () => {
    const { state } = await connect({ program: name, resolvConfPath: resolver('192.0.2.53') })
    expect(state.nameServers).toEqual(['192.0.2.53'])
    expect(state.addresses.length).toBeGreaterThan(0)
    expect(state.addresses.filter((address) => /^(127\.|::1$|fe80)/.test(address))).toEqual([])
    expect(readProcessStat(state.pid)?.command).toMatch(new RegExp(`^${name === 'pasta' ? 'past?' : name}`))
    const { stdout } = await inside(user, target.pid, ['sh', '-c', 'ip -o addr; ip route show default; ip -6 route show default'])
    expect(stdout).toMatch(/^1: lo +inet 127\.0\.0\.1/m)
    for (const address of state.addresses) expect(stdout).toContain(`${address}/`)
    expect(/^default via \d/m.test(stdout)).toBe(name === 'slirp4netns' || routes.ipv4)
    // slirp4netns announces its route, which takes a while.
    expect(/^default via [0-9a-f]+:/m.test(stdout) || name === 'slirp4netns').toBe(routes.ipv6 || name === 'slirp4netns')
  })

  test.skipIf(skip)("reaches a service on the host's loopback when it is told to, and not otherwise", async () => {
    await connect({ program: name, hostLoopback: true })
    expect(await ask('tcp', gateway, port)).toBe('hello from the host')
    disconnectUplink(directory.path)
    await expect.poll(() => existsSync(join(directory.path, 'uplink.json'))).toBe(false)
    target.kill('SIGKILL')
    target = await startTarget(user)
    await connect({ program: name })
    expect(await ask('tcp', gateway, port)).not.toBe('hello from the host')
    // Nor are the host's ports forwarded to the container's own loopback.
    expect(await ask('tcp', '127.0.0.1', port)).toBe('ECONNREFUSED')
  })

  test.skipIf(skip)('has none of our streams, and ends when it is told to', async () => {
    const { state } = await connect({ program: name })
    const start = readProcessStat(state.pid)?.startTime ?? 0
    expect(readProcessStat(state.pid)?.session).not.toBe(readProcessStat(process.pid)?.session)
    expect(readProcessStat(state.pid)?.parentPid).not.toBe(process.pid)
    expect(statSync(join(directory.path, 'uplink.json')).mode & 0o777).toBe(0o600)
    // Only root may look at the descriptors of a process that has shut itself in.
    if (process.geteuid?.() === 0) {
      const streams = ['0', '1', '2'].map((fd) => readlinkSync(`/proc/${state.pid}/fd/${fd}`))
      expect(streams.filter((link) => link !== '/dev/null' && !link.endsWith('/uplink.log'))).toEqual([])
      expect(readdirSync('/proc/self/fd').filter((fd) => fd > '2' && sharesPipe(state.pid, fd))).toEqual([])
    }
    disconnectUplink(directory.path)
    await expect.poll(() => isSameProcess(state.pid, start)).toBe(false)
    disconnectUplink(directory.path)
  })

  test.skipIf(skip)('takes the place of one that was left behind', async () => {
    const first = await connect({ program: name })
    const start = readProcessStat(first.state.pid)?.startTime ?? 0
    target.kill('SIGKILL')
    target = await startTarget(user)
    const second = await connect({ program: name })
    expect(second.state.pid).not.toBe(first.state.pid)
    await expect.poll(() => isSameProcess(first.state.pid, start)).toBe(false)
  })

  test.skipIf(skip)('ends also when its maker was killed while starting it', async () => {
    const isServing = (): boolean => uplinksOf(target.pid).length > 0
    for (const delayMs of [0, 1, 2, 4, 8]) {
      const argument = JSON.stringify({ pid: target.pid, directory: directory.path, program: name })
      const [command = '', ...args] = [...user.prefix, ...program('connect.ts', argument)]
      const maker = spawn(command, args, { stdio: 'ignore' })
      const ended = once(maker, 'exit')
      // One that is done before it was seen is as good as one that was killed.
      await expect.poll(() => isServing() || maker.exitCode !== null, { interval: 1, timeout: 10_000 }).toBe(true)
      await sleep(delayMs)
      maker.kill('SIGKILL')
      await ended
      disconnectUplink(directory.path)
      await expect.poll(isServing).toBe(false)
      // A device may be left in its namespace for a moment.
      target.kill('SIGKILL')
      target = await startTarget(user)
    }
  })

  test.skipIf(skip)('says what went wrong, in its own words', async () => {
    const { code, message } = await connect({ program: name, pid: 2 ** 22 - 1 })
    expect(code).toBe('ERR_UPLINK_FAILED')
    expect(message).toMatch(new RegExp(`^cannot connect the network namespace of process 4194303 with ${name}: .`))
    expect(message).not.toContain('syslog')
  })
})

describe('slirp4netns', () => {
  const skip = skipProgram('slirp4netns')

  test.skipIf(skip)('answers for a resolver on loopback', async () => {
    const { state } = await connect({ program: 'slirp4netns', resolvConfPath: resolver('127.0.0.53'), upstreamPath: '/missing' })
    expect(state.nameServers).toEqual(['10.0.2.3'])
  })

  test.skipIf(skip || skipUnless(process.geteuid?.() === 0, 'a host without a route takes root to make'))(
    'is taken where the host has no route',
    async () => {
      const { name, state } = await connect({}, ['unshare', '--net', '--'])
      expect(name).toBe('slirp4netns')
      expect(state.addresses).toContain('10.0.2.100')
    },
  )
})

describe('pasta', () => {
  const skip = skipProgram('pasta')
  const noRoot = skipUnless(process.geteuid?.() === 0, "changing the host's files and routes takes root")

  test.skipIf(skip || noRoot)('forwards to a resolver on loopback whose servers are not known', async () => {
    const dns = spawn('unshare', ['--mount', '--', ...program('resolver.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(dns.stdout, 'data')
      const path = resolver('127.0.0.153')
      const before = ['unshare', '--mount', '--', 'sh', '-c', 'mount --bind "$1" /etc/resolv.conf; shift; exec "$@"', 'sh', path]
      const { state } = await connect({ upstreamPath: '/missing' }, before)
      expect(state.nameServers).toEqual(['169.254.1.1'])
      expect(await ask('udp', '169.254.1.1', 53)).toBe('an answer to a question')
    } finally {
      dns.kill()
    }
  })

  test.skipIf(skip || noRoot)('says that the host has no route', async () => {
    const { code, hint } = await connect({ program: 'pasta' }, ['unshare', '--net', '--'])
    expect(code).toBe('ERR_UPLINK_NO_ROUTE')
    expect(hint).toMatch(/--network none/)
  })

  test.skipIf(skip || noRoot).each([
    ['missing', 'mount -t tmpfs tmpfs /dev/net', 'sudo modprobe tun'],
    ['not permitted', 'mount --bind /proc/version /dev/net/tun', 'sudo chmod 0666 /dev/net/tun'],
  ])('says that /dev/net/tun is %s', async (_, commands, fix) => {
    const before = ['unshare', '--mount', '--', 'sh', '-c', `${commands}; exec "$@"`, 'sh']
    const { code, hint } = await connect({ program: 'pasta' }, before)
    expect([code, hint]).toEqual(['ERR_UPLINK_DEVICE', fix])
  })
})

describe('without a program', () => {
  const components = { findTool: (): undefined => undefined }

  test('says what to install', async () => {
    const uplink = createUplink(components)
    expect(uplink.name).toBe('none')
    expect(findUplinkProgram(components)).toBeUndefined()
    await expect(uplink.connect({ pid: process.pid, directory: '/nowhere' })).rejects.toMatchObject({
      code: 'ERR_UPLINK_NOT_FOUND',
      hint: expect.stringMatching(/passt.*--network none/s),
    })
  })

  test.each([
    [{ ipv4: true, ipv6: false }, ['pasta', 'slirp4netns'], 'pasta'],
    [{ ipv4: false, ipv6: true }, ['pasta', 'slirp4netns'], 'pasta'],
    [{ ipv4: false, ipv6: false }, ['pasta', 'slirp4netns'], 'slirp4netns'],
    [{ ipv4: false, ipv6: false }, ['pasta'], 'pasta'],
    [{ ipv4: true, ipv6: true }, ['slirp4netns'], 'slirp4netns'],
  ])('routes %j and %j: %s', (defaultRoutes, installed, name) => {
    const some = {
      findTool: (tool: string) => (installed.includes(tool) ? `/usr/bin/${tool}` : undefined),
      defaultRoutes: () => defaultRoutes,
    }
    expect(createUplink(some).name).toBe(name)
    expect(findUplinkProgram(some)).toEqual({ name, path: `/usr/bin/${name}` })
  })
})

/** Processes of either program that were told to serve a process's namespace. */
function uplinksOf(served: number): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && servesNamespace(pid, served))
}

function servesNamespace(pid: string, served: number): boolean {
  try {
    const [path = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return /pasta|slirp4netns/.test(path) && args.includes(String(served))
  } catch {
    return false
  }
}

/** Whether a descriptor of this process is a pipe that the other process has, too. */
function sharesPipe(pid: number, fd: string): boolean {
  const links = readdirSync(`/proc/${pid}/fd`).map((each) => readlinkSync(`/proc/${pid}/fd/${each}`))
  try {
    const link = readlinkSync(`/proc/self/fd/${fd}`)
    return link.startsWith('pipe:') && links.includes(link)
  } catch {
    return false
  }
}

function hostGateway(): string {
  const [, , hex = '00000000'] =
    readFileSync('/proc/net/route', 'latin1')
      .split('\n')
      .map((line) => line.split('\t'))
      .find(([device, destination]) => device !== 'Iface' && destination === '00000000') ?? []
  return (hex.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')
}
