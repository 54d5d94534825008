import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectSeqpacket, type PacketSocket } from '../src/seqpacket.ts'
import { findTool } from '../src/tools.ts'
import { skipUnless } from './fixtures/skip.ts'

const python = findTool('python3')
const skip = skipUnless(python !== undefined, 'the peer of these tests is written in Python, and python3 is not installed')

let directory = ''
let peer: ChildProcess | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-seqpacket-'))
})
afterEach(() => {
  peer?.kill('SIGKILL')
  rmSync(directory, { recursive: true })
})

async function listen(mode: string, path: string, ...args: readonly string[]): Promise<void> {
  const program = join(import.meta.dirname, 'fixtures/seqpacket-peer.py')
  const child = spawn(python ?? '', [program, mode, path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  peer = child
  await once(child.stdout, 'data')
}

async function packetsOf(socket: PacketSocket): Promise<string[]> {
  using reading = socket
  const packets: string[] = []
  for (let packet = await reading.read(); packet !== undefined; packet = await reading.read()) packets.push(Buffer.from(packet).toString())
  return packets
}

/** Sockets by their inodes: what the test runner opens and closes meanwhile is not counted. */
function openSockets(): Set<string> {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // The descriptor of the listing itself.
      return ''
    }
  })
  return new Set(links.filter((link) => link.startsWith('socket:')))
}

describe.skipIf(skip)('connectSeqpacket', () => {
  test('100 MB go through and come back byte for byte, after which only the writing side is closed', { timeout: 120_000 }, async () => {
    const path = join(directory, 'attach')
    await listen('echo', path)
    const socket = await connectSeqpacket(path)
    const total = 100 * 1024 * 1024
    const sent = createHash('sha256')
    const received = createHash('sha256')
    // Sizes that fit nowhere, and one far larger than a packet.
    const sizes = [1, 4095, 32_769, 65_537, 1_000_003]
    const send = async (): Promise<void> => {
      for (let left = total, round = 0; left > 0; round++) {
        const chunk = randomBytes(Math.min(left, sizes[round % sizes.length] ?? 1))
        sent.update(chunk)
        left -= chunk.length
        await socket.write(chunk)
      }
      socket.end()
    }
    const sending = send()
    let size = 0
    let last: Uint8Array = new Uint8Array()
    for (let packet = await socket.read(); packet !== undefined; packet = await socket.read()) {
      received.update(last)
      size += last.length
      last = packet
    }
    await sending
    socket.close()
    expect(size).toBe(total)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
    expect(Buffer.from(last).toString()).toBe(`ECHO-END ${32 * 1024}`)
  })

  test('packets stay apart, however they are read', async () => {
    const path = join(directory, 'attach')
    await listen('echo', path)
    const socket = await connectSeqpacket(path)
    for (const word of ['one', 'two', '', 'three']) await socket.write(word)
    socket.end()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await packetsOf(socket)).toEqual(['one', 'two', 'three', 'ECHO-END 5'])
  })

  test('reaches paths that are too long for an address', async () => {
    const deep = join(directory, 'd'.repeat(100), 'e'.repeat(100))
    mkdirSync(deep, { recursive: true })
    await listen('echo', join(deep, 'attach'))
    const socket = await connectSeqpacket(join(deep, 'attach'))
    await socket.write('hi')
    socket.end()
    expect(await packetsOf(socket)).toEqual(['hi', 'ECHO-END 2'])
  })

  test('leaves no descriptor behind, and none to programs that are started', async () => {
    const path = join(directory, 'attach')
    await listen('echo', path)
    const inheritable = inheritableDescriptors()
    const before = openSockets()
    const socket = await connectSeqpacket(path)
    const added = openSockets().difference(before)
    expect(added.size).toBe(1)
    expect(inheritableDescriptors()).toEqual(inheritable)
    socket.close()
    expect(openSockets().intersection(added).size).toBe(0)
  })

  test('waits where the backlog is full, and can be called off', async () => {
    const path = join(directory, 'attach')
    await listen('full', path, '0.3')
    const first = await connectSeqpacket(path)
    const signal = AbortSignal.timeout(50)
    const error = await connectSeqpacket(path, { signal }).catch((reason: unknown) => reason)
    expect(error).toBe(signal.reason)
    const second = connectSeqpacket(path)
    expect(await Promise.race([second.then(() => 'connected'), new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))])).toBe(
      'waiting',
    )
    first.close()
    ;(await second).close()
  })
})

describe('connectSeqpacket without a peer', () => {
  test.each(['attach', `${'d'.repeat(120)}/attach`])('says what is missing: %s', async (name) => {
    const before = openSockets()
    const path = join(directory, name)
    const expected = { code: 'ERR_LINUX_SEQPACKET', details: { path, errno: 'ENOENT', syscall: 'connect' } }
    await expect(connectSeqpacket(path)).rejects.toMatchObject(expected)
    expect(openSockets().difference(before).size).toBe(0)
  })
})

/** Those without O_CLOEXEC; the test runner has some of its own. */
function inheritableDescriptors(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
      return (Number.parseInt(flags ?? '0', 8) & 0o2000000) === 0
    } catch {
      // The descriptor of the listing itself.
      return false
    }
  })
}
