import type { PublishedPort } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { isAddress, plainAddress } from '../src/address.ts'
import { type BoundPort, boundPorts, takenPort } from '../src/bound-ports.ts'
import { choosePorts } from '../src/choose-ports.ts'

const title = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const tables: Readonly<Record<string, string>> = {
  tcp:
    `${title}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n` +
    '   1: 020200C0:A001 010200C0:0016 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1\n',
  tcp6: `${title}   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3\n`,
  udp: `${title}  10: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4 2 0 0\n`,
  udp6: `${title}  10: 0000000000000000FFFF00000100007F:0036 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 5\n`,
}

test('ports that sockets have are read as the kernel prints them', () => {
  expect(boundPorts((name) => tables[name] ?? '')).toEqual([
    { protocol: 'tcp', address: '127.0.0.1', port: 8080, listens: true },
    { protocol: 'tcp', address: '192.0.2.2', port: 40_961, listens: false },
    { protocol: 'tcp', address: '::', port: 80, listens: true },
    { protocol: 'udp', address: '0.0.0.0', port: 53, listens: true },
    { protocol: 'udp', address: '127.0.0.1', port: 54, listens: true },
  ])
  expect(boundPorts(() => '')).toEqual([])
})

describe('a port is taken', () => {
  const listening = (address: string): BoundPort[] => [{ protocol: 'tcp', address, port: 80, listens: true }]
  const wish = (hostAddress?: string): PublishedPort => ({ hostAddress, hostPort: 79, containerPort: 1, count: 3, protocol: 'tcp' })

  test.each([
    [undefined, '127.0.0.1', true],
    [undefined, '::1', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '0.0.0.0', true],
    ['127.0.0.1', '::', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', '::1', false],
    ['0.0.0.0', '127.0.0.1', true],
    ['0.0.0.0', '::1', false],
    ['::', '::1', true],
    ['::', '127.0.0.1', true],
    ['0:0:0:0:0:0:0:1', '::1', true],
    ['::1', '0.0.0.0', false],
  ])('%s beside %s: %s', (wanted, address, taken) => {
    expect(takenPort(wish(wanted), listening(address))).toBe(taken ? 80 : undefined)
  })

  test('by what listens alone, with the same protocol, in the range', () => {
    expect(takenPort(wish(), [{ protocol: 'tcp', address: '0.0.0.0', port: 80, listens: false }])).toBeUndefined()
    expect(takenPort(wish(), [{ protocol: 'udp', address: '0.0.0.0', port: 80, listens: true }])).toBeUndefined()
    expect(takenPort(wish(), [{ protocol: 'tcp', address: '0.0.0.0', port: 82, listens: true }])).toBeUndefined()
    expect(takenPort(wish(), [...listening('0.0.0.0'), { protocol: 'tcp', address: '0.0.0.0', port: 79, listens: true }])).toBe(79)
  })
})

describe('ports are chosen', () => {
  test('where none was asked for, one after the other', () => {
    const [given, one, three] = choosePorts(
      [
        { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
        { containerPort: 81, protocol: 'tcp' },
        { containerPort: 90, count: 3, protocol: 'udp', hostAddress: '127.0.0.1' },
      ],
      { bound: [], random: () => 0 },
    )
    expect(given).toEqual({ containerPort: 80, hostPort: 8080, protocol: 'tcp' })
    expect(one).toEqual({ containerPort: 81, protocol: 'tcp', hostPort: expect.any(Number), chosen: true })
    expect(three).toEqual({
      containerPort: 90,
      count: 3,
      protocol: 'udp',
      hostAddress: '127.0.0.1',
      hostPort: one!.hostPort + 1,
      chosen: true,
    })
  })

  test('beside what has one, what was promised, and what is given', () => {
    const first = choosePorts([{ containerPort: 1, protocol: 'tcp' }], { bound: [], random: () => 0 })[0]!.hostPort
    const taken = [
      { containerPort: 2, hostPort: first + 2, protocol: 'tcp' as const },
      { containerPort: 1, protocol: 'tcp' as const },
    ]
    const bound = [{ protocol: 'udp' as const, address: '127.0.0.1', port: first, listens: false }]
    const promised = [{ containerPort: 1, hostPort: first + 1, protocol: 'tcp' as const }]
    expect(choosePorts(taken, { bound, promised, random: () => 0 })[1]!.hostPort).toBe(first + 3)
  })

  test('not more than there are', () => {
    expect(() => choosePorts([{ containerPort: 1, count: 65_000, protocol: 'tcp' }], { bound: [] })).toThrow(
      expect.objectContaining({ code: 'ERR_PORT_IN_USE' }),
    )
  })
})

test.each([
  ['127.0.0.1', true],
  ['255.255.255.256', false],
  ['1.2.3', false],
  ['::1', true],
  ['fd00::1', true],
  ['::ffff:127.0.0.1', true],
  ['fe80::1%eth0', false],
  ['[::1]', false],
  ['localhost', false],
  ['', false],
  [':', false],
])('%j is an address: %s', (text, is) => expect(isAddress(text)).toBe(is))

test('an address has one spelling', () => {
  expect(['FD00:0:0::1', '0:0:0:0:0:0:0:0', '::ffff:127.0.0.1', '127.0.0.1'].map(plainAddress)).toEqual([
    'fd00::1',
    '::',
    '127.0.0.1',
    '127.0.0.1',
  ])
})
