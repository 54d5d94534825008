import { expect, test } from 'vitest'
import { mountOrders } from '../../src/monitor/mount-orders.ts'

test('mounts are five lines each, in order; a bind without its option gets it', () => {
  const orders = mountOrders([
    { type: 'overlay', source: 'overlay', target: '/t$(x)', options: ['lowerdir=a:b', 'userxattr'], workingDirectory: '/w' },
    { type: 'bind', source: '/s', target: '/t/x', options: ['ro'] },
    { type: 'bind', source: '/s', target: '/t/y', options: ['rbind'] },
    { type: 'tmpfs', source: 'tmpfs', target: '/t/z', options: [] },
  ])
  const lines = [
    '/w overlay lowerdir=a:b,userxattr overlay /t$(x)',
    '/ none bind,ro /s /t/x',
    '/ none rbind /s /t/y',
    '/ tmpfs rw tmpfs /t/z',
  ]
  expect(orders).toBe(`${lines.join(' ').replaceAll(' ', '\n')}\n\n`)
})

test('a line break is refused', () => {
  const mount = { type: 'bind', source: '/a\nb', target: '/t', options: [] }
  expect(() => mountOrders([mount])).toThrow(
    expect.objectContaining({ code: 'ERR_ROOTFS_MOUNT', message: expect.stringContaining(String.raw`/a\nb`) }),
  )
})
