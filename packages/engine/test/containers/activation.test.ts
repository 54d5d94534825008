import type { RuntimeSpec } from '@podwright/oci'
import { expect, test } from 'vitest'
import { activated } from '../../src/containers/activation.ts'

test('a process is told of its sockets, and what it was told before is forgotten', () => {
  const spec = { process: { env: ['A=b', 'LISTEN_FDS=9', 'LISTEN_FDNAMES=old'] } } as unknown as RuntimeSpec
  expect(activated(spec, { descriptors: [3, 4], activation: { names: 'web:db' } }).process.env).toEqual([
    'A=b',
    'LISTEN_FDS=2',
    'LISTEN_PID=1',
    'LISTEN_FDNAMES=web:db',
  ])
  expect(activated(spec, { descriptors: [3], activation: {} }).process.env).toEqual(['A=b', 'LISTEN_FDS=1', 'LISTEN_PID=1'])
})
